"""Calling the command line in this process."""

from __future__ import annotations

from typing import NamedTuple

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
