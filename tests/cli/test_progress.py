"""What a run shows while it runs."""

import io

from rich.console import Console

from seedwise.cli import progress as module
from seedwise.cli.pace import Left
from seedwise.cli.progress import Progress, said
from seedwise.contracts import Event
from seedwise.design import Design
from seedwise.engine.run import Options


def show(lab, *, terminal):
    lock, store = lab.lock(), lab.store
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=120)
    progress = Progress(console, lock, store, Options())
    key = next(iter(Design(lock).cells))
    with progress:
        for detail in (
            {"cell": key, "state": "started"},
            {"cell": key, "state": "done", "seconds": 2.0},
            {"cell": key, "state": "measured", "count": 5, "failed": 0, "seconds": 0.5},
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
    assert "left for what was timed, 19 models have no measured time yet" in shown


def test_what_is_left_is_said_as_far_as_it_is_known():
    assert said(Left(240.0, 0)) == "about 4 min 0 s left"
    assert said(Left(240.0, 1)) == (
        "about 4 min 0 s left for what was timed, 1 model has no measured time yet"
    )
    assert said(Left(float("nan"), 90)) == "90 models have no measured time yet"
    assert not said(Left(float("nan"), 0))
    assert not said(Left(0.0, 0))
