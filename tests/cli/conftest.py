"""Calling the command line in this process."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import pytest

from seedwise.cli import main


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def cli(monkeypatch, capsys):
    def call(*arguments) -> Said:
        monkeypatch.setattr("sys.argv", ["seedwise", *(str(a) for a in arguments)])
        with pytest.raises(SystemExit) as end:
            main.main()
        captured = capsys.readouterr()
        assert "Traceback (most" not in captured.err or "--debug" in arguments
        return Said(end.value.code, captured.out, captured.err)

    return call


@pytest.fixture
def ran(lab):
    """A toy study that was run."""
    lab.run()
    return lab


@pytest.fixture
def foreign(tmp_path):
    """A wide table in percent, as people keep them."""
    rows = [
        (i, j, method, 60 + i + shift + j / 3 + own * (i % 2), 99 - i / 10)
        for i in range(5)
        for method, shift, own in (("FT", 2, 0.0), ("GA", -3, 0.4), ("Retrain", 0, 0.1))
        for j in range(1 if method == "Retrain" else 2)
    ]
    path = tmp_path / "mine.csv"
    names = ["training_seed", "unlearning_seed", "method", "forget_acc", "retain_acc"]
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)
    return path
