"""Scratch folders are removed, even those of killed processes."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from seedwise.engine.scratch import scratch, sweep_scratch

KILLED = """
import os, signal
from pathlib import Path
from seedwise.engine.scratch import scratch

with scratch() as folder:
    (Path(folder) / "big.bin").write_bytes(b"data")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder for temporary files of our own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_the_folder_of_a_killed_process_is_swept(place):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", KILLED], env=environment)
    assert done.returncode == -signal.SIGKILL
    assert len(list(place.glob("seedwise-*/big.bin"))) == 1
    assert sweep_scratch() == 1
    assert list(place.iterdir()) == []


def test_folders_in_use_and_other_peoples_are_left_alone(place):
    (place / "seedwise-notes").mkdir()
    os.utime(place / "seedwise-notes", (0, 0))
    with scratch() as folder:
        assert sweep_scratch() == 0
        assert Path(folder).is_dir()
    assert not Path(folder).exists()


def test_a_run_sweeps_first(lab, place):
    lab.run(limit=1)
    subprocess.run(
        [sys.executable, "-c", KILLED],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    rest = lab.root / "models" / ".x.json.tmp"
    rest.touch()
    os.utime(rest, (0, 0))
    lab.run(limit=1)
    assert list(place.glob("seedwise-*")) == []
    assert not rest.exists()
