from __future__ import annotations

import os
import subprocess
import sys

import pandas as pd
import pytest

from seedwise.errors import TableError
from seedwise.results import Results
from seedwise.results.core import CHECK_COLUMNS


def test_results_do_not_change(study):
    frame = study()
    results = Results(frame, notes=["a note"])
    before = results.summary()
    frame["value"] = 0.0
    for table in (results.frame(), results.summary(), results.checks):
        table[table.columns] = 0.0
    pd.testing.assert_frame_equal(results.summary(), before)
    assert results.notes == ("a note",)
    with pytest.raises(TypeError):
        results.deterministic["ft"] = "not"  # pyright: ignore[reportIndexIssue]


def test_levels_are_kept_apart(study):
    results = Results(study())
    wide, narrow = results.summary(level=0.99), results.summary(level=0.5)
    assert (wide["ci_low"] < narrow["ci_low"]).all()
    pd.testing.assert_frame_equal(results.summary(level=0.99), wide)


def test_checks_are_shown_as_given(study):
    checks = pd.DataFrame(
        [("digits", "ft", 0, 1, "did_nothing", "same weights")], columns=list(CHECK_COLUMNS)
    )
    results = Results(study(), checks=checks)
    pd.testing.assert_frame_equal(results.checks, checks)
    assert tuple(Results(study()).checks.columns) == CHECK_COLUMNS


def test_unknown_reference_is_refused(study):
    with pytest.raises(TableError, match="did you mean 'paired'"):
        Results(study(), reference="pared")  # pyright: ignore[reportArgumentType]


def test_needs_no_torch():
    code = "import sys, seedwise.results; assert 'torch' not in sys.modules"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)


def test_an_empty_table_gives_empty_answers(study):
    results = Results(study().iloc[:0])
    for table in (
        results.summary(),
        results.compare(),
        results.components(),
        results.single_seed(),
    ):
        assert table.empty
        assert len(table.columns) > 10
