from __future__ import annotations

import json

import numpy as np
import pytest

from seedwise.contracts import ForgetSet
from seedwise.domains.vision.selectors import SELECTORS, draw
from seedwise.errors import DataError
from seedwise.seeds import SeedStreams

LABELS = np.array([0, 1, 2, 4] * 5)
CLASSES = ("cat", "dog", "eel", "fox", "gnu")
STREAMS = SeedStreams("forget")


def chosen(selector, value, seed=0, labels=LABELS, streams=STREAMS):
    return draw(ForgetSet(selector, value, seed), labels, CLASSES, streams).tolist()


@pytest.mark.parametrize("value", [2, "eel"])
def test_a_class_is_all_of_its_examples(value):
    assert chosen("class", value) == np.flatnonzero(LABELS == 2).tolist()


@pytest.mark.parametrize("value", [3, "fox", 9, -1, "cta", None, True, 2.5, [0, 1]])
def test_a_class_that_is_not_in_the_data_is_refused_with_those_that_are(value):
    with pytest.raises(DataError, match=r"0 \(cat\), 1 \(dog\), 2 \(eel\), 4 \(gnu\)"):
        chosen("class", value)


@pytest.mark.parametrize(("value", "count"), [(0.25, 5), (0.01, 1), (7, 7), (1, 1), (19, 19)])
def test_random_takes_a_share_or_a_number(value, count):
    rows = chosen("random", value)
    assert len(set(rows)) == count
    assert rows == sorted(rows)
    assert set(rows) <= set(range(20))


def test_the_draw_depends_on_its_seed_and_partition_alone():
    assert chosen("random", 5) == chosen("random", 5, labels=LABELS[::-1] * 7)
    seeds = [tuple(chosen("random", 5, seed=seed)) for seed in range(4)]
    partitions = [tuple(chosen("random", 5, streams=STREAMS.at(partition=p))) for p in (1, 2)]
    assert len({*seeds, *partitions}) == 6


@pytest.mark.parametrize("value", [0, 0.0, 1.0, -0.5, 2.0, 21, -1, "half", None, True, False])
def test_what_is_no_share_and_no_number_is_refused(value):
    with pytest.raises(DataError, match="neither a share"):
        chosen("random", value)


@pytest.mark.parametrize("value", [20, 0.99])
def test_forgetting_everything_is_refused(value):
    with pytest.raises(DataError, match="all 20 training examples"):
        chosen("random", value)


@pytest.fixture
def written(tmp_path):
    def write(values, suffix):
        path = tmp_path / f"forget{suffix}"
        if suffix == ".npy":
            np.save(path, np.array(values))
        elif suffix == ".json":
            path.write_text(json.dumps(values))
        else:
            path.write_text("\n".join(str(value) for value in values))
        return str(path)

    return write


@pytest.mark.parametrize("suffix", [".npy", ".json", ".txt"])
def test_indices_are_read_and_sorted(written, suffix):
    assert chosen("indices", written([7, 2, 19, 0], suffix)) == [0, 2, 7, 19]


@pytest.mark.parametrize("suffix", [".npy", ".json", ".txt"])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0, 20], "names example 20; allowed: 0 to 19"),
        ([-1, 3], "names example -1"),
        ([4, 1, 4, 1, 2], "more than once: 1, 4"),
        ([], "is empty"),
        ([1.5, 2.5], "cannot be read as a list of integers|must hold one flat list"),
        (["a", "b"], "cannot be read as a list of integers|must hold one flat list"),
        (list(range(20)), "all 20"),
    ],
)
def test_bad_index_files_are_refused(written, suffix, values, message):
    with pytest.raises(DataError, match=message):
        chosen("indices", written(values, suffix))


def test_index_files_of_another_shape_are_refused(written, tmp_path):
    with pytest.raises(DataError, match="flat list"):
        chosen("indices", written([[1, 2], [3, 4]], ".npy"))
    with pytest.raises(DataError, match="cannot be read"):
        chosen("indices", written([[1, 2], [3]], ".json"))
    with pytest.raises(DataError, match="cannot be read"):
        chosen("indices", str(tmp_path / "nowhere.txt"))
    (tmp_path / "pickled.npy").write_bytes(b"\x80\x04N.")
    with pytest.raises(DataError, match="pickled"):
        chosen("indices", str(tmp_path / "pickled.npy"))


def test_an_unknown_selector_is_refused():
    with pytest.raises(DataError, match="did you mean 'random'"):
        chosen("randon", 5)
    assert set(SELECTORS) == {"class", "indices", "random"}
