"""The lock as a file: what is read back, and when it is not."""

import json

import pytest

from seedwise.errors import StoreError
from seedwise.study.lock import FORMAT, canonical, read_lock, sha256, stamp


def test_a_lock_comes_back_as_it_was_written(lab):
    lock = lab.lock()
    assert read_lock(lab.store.lock_path("toy")) == lock


def test_its_digest_follows_everything_in_it(lab):
    first = lab.lock()
    assert lab.lock().digest == first.digest
    assert lab.lock("seeds.unlearning=1").digest != first.digest


def test_seeds_per_method_come_back_and_one_list_for_all_is_read_as_ever(lab):
    runs = "seeds.unlearning={default: 2, toy-noise: 3}"
    lock = lab.lock(runs)
    path = lab.store.lock_path("toy")
    assert read_lock(path) == lock
    assert lock.seeds.unlearning_of("toy-noise") == (0, 1, 2)
    content = json.loads(path.read_text())
    content["seeds"]["unlearning"] = [0, 1]
    path.write_text(json.dumps(content))
    assert (
        read_lock(path).digest == lab.lock().model_copy(update={"spec_hash": lock.spec_hash}).digest
    )


@pytest.mark.parametrize("change", [{"format": FORMAT + 1}, {"surprise": 1}, {"tasks": "none"}])
def test_a_lock_of_another_version_is_resolved_again(lab, change):
    lab.lock()
    path = lab.store.lock_path("toy")
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    assert read_lock(path) is None


def test_no_lock_is_none_and_a_damaged_one_is_named(tmp_path):
    assert read_lock(tmp_path / "none.json") is None
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(StoreError, match=r"bad.json: the lock cannot be read .*; delete it"):
        read_lock(tmp_path / "bad.json")


def test_equal_content_has_one_hash_however_it_is_ordered():
    assert sha256({"a": 1, "b": [1.5, None]}) == sha256({"b": [1.5, None], "a": 1})
    assert sha256({"a": 1}) != sha256({"a": "1"})
    assert canonical({"ü": True}) == '{"ü":true}'


def test_a_file_that_is_gone_has_no_stamp(tmp_path):
    assert stamp(tmp_path / "none") is None
    (tmp_path / "some").write_text("abc")
    assert stamp(tmp_path / "some")[0] == 3
