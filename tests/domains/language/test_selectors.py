from __future__ import annotations

import numpy as np
import pytest

from seedwise.contracts import ForgetSet
from seedwise.domains.language.corpus import Record
from seedwise.domains.language.selectors import draw
from seedwise.errors import DataError
from seedwise.seeds import SeedStreams

RECORDS = [Record(f"{name}{n}?", "yes", name) for name in "abcde" for n in range(4)]
STREAMS = SeedStreams("forget")


def chosen(selector, value, seed=0, records=RECORDS, streams=STREAMS):
    return draw(ForgetSet(selector, value, seed), records, streams)


@pytest.mark.parametrize(("value", "authors"), [(0.4, 2), (0.01, 1), (3, 3)])
def test_whole_authors_are_drawn(value, authors):
    rows = chosen("authors", value)
    names = {RECORDS[row].author for row in rows}
    assert len(names) == authors
    assert len(rows) == 4 * authors
    assert list(rows) == sorted(rows)


def test_the_seed_and_the_partition_decide_the_draw():
    draws = {tuple(chosen("authors", 2, seed)) for seed in range(8)}
    assert len(draws) > 1
    assert tuple(chosen("authors", 2)) == tuple(chosen("authors", 2))
    others = {tuple(chosen("authors", 2, streams=SeedStreams("forget", p))) for p in range(8)}
    assert len(others) > 1


def test_records_are_drawn_one_by_one():
    assert len(chosen("random", 0.25)) == len(chosen("random", 5)) == 5
    assert len({RECORDS[row].author for row in chosen("random", 10)}) > 2


@pytest.mark.parametrize("value", [0, 1.5, "x", True, None, -1, 99])
@pytest.mark.parametrize("selector", ["authors", "random"])
def test_values_that_are_no_count_are_refused(selector, value):
    with pytest.raises(DataError, match="neither a share"):
        chosen(selector, value)


@pytest.mark.parametrize(("selector", "value"), [("authors", 5), ("random", 20)])
def test_something_must_be_left(selector, value):
    with pytest.raises(DataError, match="holds all 20 records"):
        chosen(selector, value)


def test_authors_must_be_known():
    with pytest.raises(DataError, match="no record of this data set names its author"):
        chosen("authors", 1, records=[Record("q", "a")] * 3)


def test_authors_may_be_named():
    assert chosen("authors", ["e", "b"]).tolist() == [4, 5, 6, 7, 16, 17, 18, 19]
    with pytest.raises(DataError, match="there is no 'f'; the first are a, b, c, d, e"):
        chosen("authors", ["a", "f"])
    with pytest.raises(DataError, match="is empty"):
        chosen("authors", [])


def test_an_unknown_selector_is_answered_with_a_suggestion():
    with pytest.raises(DataError, match="did you mean 'authors'"):
        chosen("author", 1)


@pytest.mark.parametrize("suffix", [".txt", ".json", ".npy"])
def test_indices_are_read_in_three_forms(tmp_path, suffix):
    path = tmp_path / f"forget{suffix}"
    if suffix == ".npy":
        np.save(path, np.array([7, 2]))
    else:
        path.write_text("[7, 2]" if suffix == ".json" else "7\n2\n")
    assert chosen("indices", str(path)).tolist() == [2, 7]


@pytest.mark.parametrize(
    ("text", "message"),
    [("20", "names record 20; allowed: 0 to 19"), ("1 1", "more than once: 1"), ("", "is empty")],
)
def test_indices_that_cannot_be_meant_are_refused(tmp_path, text, message):
    path = tmp_path / "forget.txt"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        chosen("indices", str(path))


@pytest.mark.parametrize("text", ["one two", "[[1], [2]]", "[1.5]"])
def test_files_that_are_no_list_of_integers_are_refused(tmp_path, text):
    path = tmp_path / ("forget.json" if text[0] == "[" else "forget.txt")
    path.write_text(text)
    with pytest.raises(DataError, match=r"list of integers"):
        chosen("indices", str(path))


def test_records_of_a_file_are_found(lines):
    some = [{"question": RECORDS[n].question, "answer": "yes"} for n in (9, 3)]
    assert chosen("records", str(lines("forget10.json", *some))).tolist() == [3, 9]
    other = {"question": "z?", "answer": "yes"}
    with pytest.raises(DataError, match=r"1 of 3 records .* are not in the training data.*'z\?'"):
        chosen("records", str(lines("forget10.json", *some, other)))
