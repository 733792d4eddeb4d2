import pytest

from seedwise.errors import StoreError
from seedwise.store import FileStore
from seedwise.store.looks import Look, log_look, looks_at, outside_rules


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "runs", create=True)


def test_looks_come_back_by_study_in_order_of_training_seeds(store):
    later, earlier = Look("analyze", 7, 7), Look("report", 3, 5, "stein")
    for study, look in (("a", later), ("b", Look("analyze", 1, 1)), ("a", earlier)):
        log_look(store, study, look)
    assert looks_at(store, "a") == [earlier, later]


def test_the_same_look_twice_is_one_record(store):
    for _ in range(3):
        log_look(store, "a", Look("analyze", 3, 3))
    log_look(store, "a", Look("compare", 3, 3))
    assert len(store.keys("looks")) == 2


def test_a_read_only_store_says_so(store, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    with pytest.raises(StoreError, match="no permission"):
        log_look(store, "a", Look("analyze", 3, 3))


@pytest.mark.parametrize(
    ("looks", "training", "expected"),
    [
        ([Look("analyze", 5, 5)], 5, ()),
        ([Look("analyze", 5, 5)], 8, (5,)),
        ([Look("analyze", 5, 10)], 10, ()),
        ([Look("analyze", 5, 10)], 8, (5,)),
        ([Look("analyze", 5, 10)], 20, (5,)),
        ([Look("analyze", 5, 5), Look("report", 5, 5)], 8, (5,)),
        ([Look("analyze", 5, 5, "looks")], 8, ()),
        ([Look("analyze", 9, 9)], 5, ()),
    ],
)
def test_which_looks_count(looks, training, expected):
    assert outside_rules(looks, training) == expected
