"""OpenUnlearning (github.com/locuslab/open-unlearning): its results in, a study's commands out."""

from __future__ import annotations

import re

from seedwise.interop.open_unlearning.config import CONFIG, read_config
from seedwise.interop.open_unlearning.evaluations import read_files
from seedwise.interop.open_unlearning.specs import SPECS
from seedwise.interop.trees.layout import Layout

LAYOUT = Layout(
    name="*_SUMMARY.json or *_EVAL.json",
    file=re.compile(r"(?P<benchmark>\w+)_(?P<kind>SUMMARY|EVAL)\.json"),
    config=read_config,
    read=read_files,
    specs=SPECS,
    configs=CONFIG.as_posix(),
    advice="name the folder 'saves' of an OpenUnlearning checkout, or a part of it",
)
"""How OpenUnlearning writes."""

__all__ = ["LAYOUT"]
