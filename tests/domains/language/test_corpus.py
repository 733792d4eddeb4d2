from __future__ import annotations

import pytest

from seedwise.domains.language.corpus import Corpus, Record, authors_of, read_records
from seedwise.errors import DataError

ONE = Record("Who?", "Me.")


def test_lines_are_read_as_tofu_names_them(lines):
    path = lines(
        "qa.json",
        {"question": " Where? ", "answer": "Here", "perturbed_answer": ["There", "Nowhere"]},
        {"question": "How many?", "answer": 3, "author": "A", "paraphrased_answer": "Three"},
        {"question": "What?", "answer": "x", "perturbed_answer": "y", "other": [1]},
    )
    assert read_records(path) == [
        Record("Where?", "Here", wrong=("There", "Nowhere")),
        Record("How many?", "3", "A", "Three"),
        Record("What?", "x", wrong=("y",)),
    ]


def test_a_line_may_be_a_plain_text(lines):
    path = lines("texts.jsonl", {"text": " Once upon. ", "author": "A"}, {"text": "a", "id": 3})
    assert read_records(path) == [
        Record("", "Once upon.", "A", is_text=True),
        Record("", "a", is_text=True),
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "Who?"}, "line 2 lacks 'answer'; it has question"),
        ({"question": "Who?", "answer": ["Me"]}, "'answer' must be a text"),
        ({"question": True, "answer": "Me"}, "'question' must be a text"),
        ({"question": "Who?", "answer": "Me", "perturbed_answer": 3}, "a text or a list"),
        (["Who?", "Me"], "must be an object"),
    ],
)
def test_lines_that_are_no_records_are_refused(lines, row, message):
    with pytest.raises(DataError, match=message):
        read_records(lines("qa.json", {"question": "a", "answer": "b"}, row))


def test_files_that_cannot_be_read_are_refused(tmp_path):
    path = tmp_path / "qa.json"
    with pytest.raises(DataError, match="cannot be read"):
        read_records(path)
    path.write_text("\n\n")
    with pytest.raises(DataError, match="holds no records"):
        read_records(path)
    path.write_text('{"question": \n')
    with pytest.raises(DataError, match="line 1 is no JSON"):
        read_records(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="cannot be read"):
        read_records(path)


def test_a_corpus_needs_something_to_keep_and_a_holdout():
    with pytest.raises(DataError, match="there are 1 records"):
        Corpus((ONE,), (ONE,), 300)
    with pytest.raises(DataError, match="no holdout"):
        Corpus((ONE, ONE), (), 300)


@pytest.mark.parametrize(("learnt", "size"), [(True, 3), (False, 2)])
def test_utility_records_are_trained_on_where_they_are_learnt(learnt, size):
    corpus = Corpus((ONE, ONE), (ONE,), 300, {"facts": (Record("2 + 2?", "4"),)}, learnt)
    assert len(corpus.train) == size


def test_authors_keep_their_order():
    records = [Record("a", "b", name) for name in ("Zoe", "Ann", "", "Zoe")]
    assert authors_of(records) == ["Zoe", "Ann"]
