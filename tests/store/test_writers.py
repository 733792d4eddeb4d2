"""Whether the writer of a file is still there."""

import os
import subprocess
import sys

import pytest

from seedwise.store import writers
from seedwise.store.writers import is_abandoned, is_running, mark


@pytest.fixture
def dead() -> int:
    """The number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def touched(path, age=0.0):
    path.touch()
    then = path.stat().st_mtime - age
    os.utime(path, (then, then))
    return path


def test_a_living_and_a_dead_process_are_told_apart(dead):
    assert is_running(os.getpid())
    assert not is_running(dead)


def test_what_a_living_process_writes_is_left_alone(tmp_path):
    assert not is_abandoned(touched(tmp_path / f".x.{mark()}1.tmp"))
    assert not is_abandoned(touched(tmp_path / f".x.{mark()}1.tmp", age=10**6))


def test_what_a_dead_process_left_is_abandoned(tmp_path, dead):
    name = mark().replace(f"-{os.getpid()}-", f"-{dead}-")
    assert is_abandoned(touched(tmp_path / f".x.{name}1.tmp"))


def test_another_host_cannot_be_asked_so_age_decides(tmp_path, dead, monkeypatch):
    monkeypatch.setattr(writers, "_host", lambda: "0" * 8)
    name = f".x.{'f' * 8}-{dead}-1.tmp"
    assert not is_abandoned(touched(tmp_path / name))
    assert not is_abandoned(touched(tmp_path / name, age=80_000))
    assert is_abandoned(touched(tmp_path / name, age=90_000))


def test_without_a_mark_age_decides(tmp_path):
    assert not is_abandoned(touched(tmp_path / ".x.tmp"))
    assert is_abandoned(touched(tmp_path / ".x.tmp", age=90_000))
