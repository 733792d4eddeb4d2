import errno
import json
import os
import subprocess
import sys
import time

import pytest

from seedwise.errors import StoreError
from seedwise.store import FileStore, atomic
from seedwise.testing import StoreConformance


class TestFileStore(StoreConformance):
    def store(self, tmp_path):
        return FileStore(tmp_path / "runs", create=True)


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "runs", create=True)


def test_a_folder_that_is_no_store_is_refused(tmp_path):
    with pytest.raises(StoreError, match="there is no store here; name one with --store"):
        FileStore(tmp_path)


def test_another_format_is_refused(store):
    (store.root / "store.json").write_text(json.dumps({"format": 99}))
    with pytest.raises(StoreError, match="has format 99"):
        FileStore(store.root)


def test_a_damaged_record_is_named(store):
    store.put("models", "ab1", {})
    path = next((store.root / "models").rglob("*.json"))
    path.write_text('{"key": ')
    with pytest.raises(StoreError, match="is not a record"):
        store.get("models", "ab1")


def test_a_full_disk_is_said_and_leaves_nothing_behind(store, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(StoreError, match="the disk is full; free some space"):
        store.put("models", "ab1", {})
    assert list((store.root / "models").rglob("*.*")) == []


def test_a_file_in_the_way_of_the_folder_is_said(tmp_path):
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(StoreError, match="cannot be written"):
        FileStore(tmp_path / "runs", create=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_said(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="no permission to write here"):
        FileStore(tmp_path / "runs", create=True)


def test_a_file_system_without_hard_links_works(store, monkeypatch):
    def no_links(source, target):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(atomic.os, "link", no_links)
    assert store.put("models", "ab1", {"value": 1})
    assert not store.put("models", "ab1", {"value": 2})
    assert store.get("models", "ab1") == {"value": 1}


def test_the_claim_of_a_dead_process_is_taken_over(store):
    code = (
        "from seedwise.store import FileStore; import sys\n"
        "assert FileStore(sys.argv[1]).claim('ab1', 3600)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code, str(store.root)], check=True, env=environment)
    assert store.claim("ab1", 60)


def test_the_claim_of_a_living_process_is_respected(store):
    code = (
        "from seedwise.store import FileStore; import sys\n"
        "FileStore(sys.argv[1]).claim('ab1', 3600); print('held', flush=True); sys.stdin.read()"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", code, str(store.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as other:
        assert other.stdout.readline() == "held\n"
        assert not store.claim("ab1", 60)
        other.stdin.close()
    assert store.claim("ab1", 60)


def test_the_claim_of_another_host_lasts_its_time(store):
    body = {"host": "elsewhere", "pid": 1, "until": time.time() + 3600}
    path = store.root / "claims" / "ab1.json"
    path.parent.mkdir()
    path.write_text(json.dumps(body))
    assert not store.claim("ab1", 60)
    path.write_text(json.dumps({**body, "until": time.time() - 1}))
    assert store.claim("ab1", 60)
