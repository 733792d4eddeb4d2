"""All of a file or nothing, whatever happens to its writer."""

import errno
import os
import signal
import subprocess
import sys

import pytest

from seedwise.errors import StoreError
from seedwise.store import atomic
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


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "the disk is full; free some space and run the same command again"),
        (errno.EDQUOT, "the disk quota is used up; free some space"),
        (errno.EACCES, "no permission to write here; choose another place"),
        (errno.EROFS, "the file system is read-only; choose another place"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
@pytest.mark.parametrize("write", [write_once, replace_with])
def test_a_place_that_cannot_be_written_is_said_with_what_to_do(
    tmp_path, monkeypatch, number, message, write
):
    def refuse(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic.os, "fsync", refuse)
    content = b"x" if write is write_once else lambda path: path.write_bytes(b"x")
    with pytest.raises(StoreError, match=f"record.json: cannot be written: {message}"):
        write(tmp_path / "record.json", content)
    assert list(tmp_path.iterdir()) == []


def test_of_two_writers_the_first_wins(tmp_path):
    path = tmp_path / "a" / "record.json"
    assert write_once(path, b"first")
    assert not write_once(path, b"second")
    assert path.read_bytes() == b"first"


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "lock.json"
    replace_with(path, lambda file: file.write_bytes(b"old"))

    def half(file):
        file.write_bytes(b"ne")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StoreError, match="the disk is full"):
        replace_with(path, half)
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["lock.json"]
