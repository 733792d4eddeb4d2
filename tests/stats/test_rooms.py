"""The statistics stand alone: numpy and scipy, nothing else of the package."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import seedwise.stats

MODULES = sorted(Path(seedwise.stats.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_stats_import_nothing_else(module):
    imported = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module)
    foreign = {
        name
        for name in imported
        if name.split(".")[0] not in {"numpy", "scipy", *sys.stdlib_module_names}
        and not name.startswith("seedwise.stats")
    }
    assert not foreign
