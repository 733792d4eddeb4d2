"""What a run shows while it runs."""

import io

import pytest
from rich.console import Console

from seedwise.cli import progress as module
from seedwise.cli.progress import Progress, duration
from seedwise.contracts import Event
from seedwise.engine.run import Options


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (59.4, "59 s"),
        (61, "1 min 01 s"),
        (3600, "1 h 00 min"),
        (86_399, "23 h 59 min"),
    ],
)
def test_durations_are_for_people(seconds, text):
    assert duration(seconds) == text


def show(lab, *, terminal):
    lock, store = lab.lock(), lab.store
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=120)
    progress = Progress(console, lock, store, Options())
    key = next(iter(progress._cells))
    with progress:
        for detail in (
            {"cell": key, "state": "started"},
            {"cell": key, "state": "done", "seconds": 2.0},
            {"cell": key, "state": "measured", "count": 5, "failed": 0},
            {"cell": key, "state": "failed", "message": "toy-noise {}: no luck\nsecond line"},
        ):
            progress.observe(Event("cell", {}, detail))
        progress.observe(Event("lost", {}, {"message": "a worker ended", "cell": key}))
    return stream.getvalue()


def test_a_terminal_shows_bars_with_counts_and_cost(lab):
    shown = show(lab, terminal=True)
    assert "retrain" in shown
    assert "/3" in shown
    assert "5 measurements" in shown
    assert "of computing" in shown


def test_a_log_has_plain_lines_and_failures_at_once(lab, monkeypatch):
    monkeypatch.setattr(module, "_LINE_EVERY_SECONDS", 0.0)
    shown = show(lab, terminal=False)
    assert "\x1b" not in shown
    assert "failed: toy-noise {}: no luck\n" in shown
    assert "a worker ended; its item goes on" in shown
    assert "train 0/3, retrain 1/3, unlearn 0/16" in shown
    assert "about" in shown
