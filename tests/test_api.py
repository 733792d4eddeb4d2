"""The public facade."""

import importlib
import subprocess
import sys
import textwrap

import pytest

import seedwise as sw


def test_run_returns_results_and_load_finds_them_again(lab):
    events = []
    results = sw.run(lab.path, lab.root, workers=0, observe=events.append)
    assert len(results.frame()) > 100
    assert any(event.detail.get("state") == "done" for event in events)
    again = sw.load(lab.root)
    assert again.summary().equals(results.summary())
    path = sw.report(results, lab.root / "page.html")
    assert "<svg" in path.read_text()


def test_overrides_and_limits_reach_the_run(lab):
    results = sw.run(lab.path, lab.root, workers=0, overrides=["seeds.training=2"], limit=3)
    assert results.frame().training_seed.max() == 1
    assert (results.frame().status == "missing").any()


def test_a_script_needs_no_main_guard(lab):
    script = lab.path.parent / "script.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import sys
            sys.path[:0] = {sys.path!r}
            import seedwise as sw
            print(len(sw.run({str(lab.path)!r}, {str(lab.root)!r}, workers=2).frame()))
            """
        )
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100


def test_an_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'rnu'"):
        _ = sw.rnu
    assert set(sw.__all__) <= {*dir(sw), *sw._LAZY}


def test_the_room_of_reports_does_not_replace_the_function():
    importlib.import_module("seedwise.report")
    assert sw.report.__module__ == "seedwise.api"
