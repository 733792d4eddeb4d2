"""All of a file or nothing, whatever happens to its writer."""

import os
import signal
import subprocess
import sys

import pytest

from seedwise.store.atomic import replace_with, sweep, write_once

KILLED = """
import os, signal, sys
from pathlib import Path
from seedwise.store import atomic

def killed(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

atomic.os.{call} = killed
atomic.write_once(Path(sys.argv[1]), b"all of it")
"""


@pytest.mark.parametrize("call", ["fsync", "link"])
def test_a_writer_that_is_killed_leaves_no_file_and_its_rest_is_swept(tmp_path, call):
    path = tmp_path / "ab" / "record.json"
    done = subprocess.run(
        [sys.executable, "-c", KILLED.format(call=call), str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == -signal.SIGKILL
    assert not path.exists()
    assert len(list(tmp_path.rglob("*.tmp"))) == 1
    assert sweep(tmp_path) == 1
    assert list(tmp_path.rglob("*.tmp")) == []
    assert write_once(path, b"again")


def test_a_sweep_leaves_a_running_write_and_everything_else_alone(tmp_path):
    record = tmp_path / "record.json"
    seen = []

    def write(temporary):
        temporary.write_bytes(b"half")
        seen.append(sweep(tmp_path))

    (tmp_path / "mine.tmp").touch()
    replace_with(record, write)
    assert seen == [0]
    assert record.read_bytes() == b"half"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.tmp", "record.json"]
