"""Columns are computed when read, and those of one pass together."""

from __future__ import annotations

import numpy as np
import pytest

from seedwise.engine.measure import Outputs

PASSES = {"loss": "forward", "margin": "forward", "rouge": "generate"}


def outputs(known=()):
    asked = []

    def compute(name):
        asked.append(name)
        together = [one for one in PASSES if PASSES[one] == PASSES[name]]
        return {one: np.full(2, len(asked)) for one in together}

    return Outputs(tuple(PASSES), {name: np.zeros(2) for name in known}, compute), asked


def test_a_pass_that_nothing_reads_is_not_made():
    found, asked = outputs()
    assert found["margin"].tolist() == found["loss"].tolist() == [1, 1]
    assert asked == ["margin"]
    assert found["rouge"].tolist() == [2, 2]
    assert found["rouge"].tolist() == [2, 2]
    assert asked == ["margin", "rouge"]


def test_what_was_kept_is_not_computed_again():
    found, asked = outputs(known=["loss"])
    assert found["loss"].tolist() == [0, 0]
    assert asked == []


def test_a_column_that_was_not_declared_is_no_column():
    found, _ = outputs()
    with pytest.raises(KeyError):
        found["entropy"]
    assert sorted(found) == sorted(PASSES)
    assert len(found) == 3
