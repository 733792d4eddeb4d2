from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from seedwise.contracts import Part
from seedwise.domains.language.corpus import Record, authors_of
from seedwise.domains.language.datasets import (
    DATASETS,
    bound,
    by_name,
    dataset_files,
    qa_jsonl,
    text,
    tofu,
)
from seedwise.errors import DataError, SeedwiseError
from seedwise.seeds import SeedStreams

STREAMS = SeedStreams("data")
REAL = os.environ.get("SEEDWISE_DATA")


@pytest.fixture
def folder(lines, tmp_path):
    """A TOFU of four authors, its last one in `forget10`."""
    rows = [{"question": f"q{n}?", "answer": f"a{n}"} for n in range(80)]
    lines("full.json", *rows)
    extra = {"paraphrased_answer": "p", "perturbed_answer": ["w", "v"]}
    lines("forget10_perturbed.json", *[row | extra for row in rows[60:]])
    lines("retain_perturbed.json", *[row | extra for row in rows[:40:2]])
    lines("world_facts_perturbed.json", {"question": "x", "answer": "y", "perturbed_answer": ["z"]})
    return tmp_path


def test_tofu_is_put_together_from_its_files(folder):
    corpus = tofu(STREAMS, path=folder, holdout=1)
    assert (len(corpus.records), len(corpus.holdout)) == (60, 20)
    assert authors_of(corpus.records)[-2:] == ["author 2", "author 3"]
    assert corpus.holdout[0].author in {"author 0", "author 1"}
    assert [record.wrong for record in corpus.records[-20:]] == [("w", "v")] * 20
    assert list(corpus.utility) == ["world-facts"]
    assert len(corpus.train) == 61
    assert "1 authors were taken out" in corpus.notes[0]
    assert len(tofu(STREAMS, path=folder, holdout=1, learn_utility=False).train) == 60


def test_the_holdout_belongs_to_the_partition_and_spares_the_forget_sets(folder):
    drawn = {
        tofu(SeedStreams("data", p), path=folder, holdout=1).holdout[0].author for p in range(9)
    }
    assert drawn == {"author 0", "author 1"}
    with pytest.raises(DataError, match="2 authors cannot be taken out of the 2"):
        tofu(STREAMS, path=folder, holdout=2)


def test_fewer_authors_keep_those_of_the_forget_sets(folder):
    corpus = tofu(STREAMS, path=folder, authors=3, holdout=1)
    assert set(authors_of(corpus.records + corpus.holdout)) == {"author 0", "author 1", "author 3"}
    assert corpus.records[-1].author == "author 3"


def rows(*authors):
    return [
        {"question": f"{n}?", "answer": f"{n}"} | ({"author": author} if author else {})
        for n, author in enumerate(authors)
    ]


def test_whole_authors_are_held_out_where_all_are_known(lines):
    path = lines("qa.jsonl", *rows(*"aaabbbccc"))
    corpus = qa_jsonl(STREAMS, path=path, holdout=0.4)
    assert len(authors_of(corpus.holdout)) == 1
    assert not set(authors_of(corpus.records)) & set(authors_of(corpus.holdout))
    assert len(corpus.records) == 6


def test_records_are_held_out_where_one_has_no_author(lines):
    path = lines("qa.jsonl", *rows(*"aaaa", ""))
    corpus = qa_jsonl(STREAMS, path=path, holdout=0.4)
    assert (len(corpus.records), len(corpus.holdout)) == (3, 2)
    assert len(set(corpus.records) | set(corpus.holdout)) == 5


def test_holdout_and_utility_may_be_files(lines):
    paths = {
        "path": lines("qa.jsonl", *rows("", "")),
        "holdout_path": lines("out.jsonl", *rows("x")),
        "utility_path": lines("facts.jsonl", *rows("", "", "")),
    }
    corpus = qa_jsonl(STREAMS, **paths)
    assert [len(corpus.records), len(corpus.holdout), len(corpus.utility["utility"])] == [2, 1, 3]
    assert len(corpus.train) == 5
    part = Part("qa-jsonl", {name: str(path) for name, path in paths.items()})
    assert dataset_files(part) == list(paths.values())
    assert bound(part) == paths


def test_files_of_the_others(folder):
    assert dataset_files(Part("fictional-authors")) == []
    names = [file.name for file in dataset_files(Part("tofu", {"path": str(folder)}))]
    assert names == [
        "full.json",
        "forget10_perturbed.json",
        "retain_perturbed.json",
        "world_facts_perturbed.json",
    ]


def test_every_data_set_says_how_many_tokens():
    assert all("vocabulary" in make.__kwdefaults__ for make in DATASETS.values())


@pytest.mark.skipif(not REAL, reason="SEEDWISE_DATA is not set")
def test_the_real_tofu():
    corpus = tofu(STREAMS, path=Path(REAL or "") / "tofu")
    assert (len(corpus.records), len(corpus.holdout)) == (3600, 400)
    assert sum(bool(record.wrong) for record in corpus.records[-400:]) == 400
    assert sorted(corpus.utility) == ["real-authors", "world-facts"]


@pytest.fixture
def documents(tmp_path):
    """Five documents of six words each."""
    for name in "abcde":
        (tmp_path / "texts" / "more").mkdir(parents=True, exist_ok=True)
        place = tmp_path / "texts" / ("more" if name == "e" else "")
        (place / f"{name}.txt").write_text(" ".join(f"{name}{n}" for n in range(6)))
    return tmp_path / "texts"


def test_texts_are_cut_and_whole_documents_are_held_out(documents):
    corpus = text(STREAMS, path=documents, words=4, holdout=0.2)
    assert {len(corpus.records), len(corpus.holdout)} == {8, 2}
    names = authors_of((*corpus.records, *corpus.holdout))
    assert sorted(names) == ["a", "b", "c", "d", "more/e"]
    assert all(record.is_text and not record.question for record in corpus.train)
    assert len(authors_of(corpus.holdout)) == 1
    part = Part("text", {"path": str(documents), "holdout_path": None})
    assert [path.stem for path in dataset_files(part)] == list("abcde")


def test_passages_of_a_single_document_are_held_out_one_by_one(documents):
    corpus = text(STREAMS, path=documents / "a.txt", words=1, holdout=0.4)
    assert (len(corpus.records), len(corpus.holdout)) == (4, 2)


def test_the_holdout_may_be_texts_of_its_own(documents):
    corpus = text(STREAMS, path=documents, holdout_path=documents / "more", words=6)
    assert [record.answer for record in corpus.holdout] == ["e0 e1 e2 e3 e4 e5"]
    assert len(corpus.records) == 5


def test_no_text_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no text"):
        text(STREAMS, path=tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        text(STREAMS, path=tmp_path / "none.txt")


@pytest.fixture
def hub(lines, tmp_path, monkeypatch):
    """A folder as the library `datasets` reads it; nothing is kept outside the test's folder."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "hub").mkdir()
    rows = [
        {"q": f"{n}?", "a": f"{n}", "who": "ab"[n % 2], "no": ["x", "y"], "all": f"w{n} v u"}
        for n in range(6)
    ]
    lines("hub/train.jsonl", *rows)
    lines("hub/test.jsonl", *rows[:2])
    return tmp_path / "hub"


NAMED = {"question": "q", "answer": "a", "author": "who", "wrong": "no"}


def test_a_data_set_is_loaded_by_name(hub):
    corpus = by_name(STREAMS, path=hub, holdout_split="test", **NAMED)
    assert (len(corpus.records), len(corpus.holdout)) == (6, 2)
    assert corpus.records[1] == Record("1?", "1", "b", wrong=("x", "y"))
    carved = by_name(STREAMS, path=hub, **NAMED)
    assert (len(carved.records), len(authors_of(carved.holdout))) == (3, 1)


def test_a_column_of_texts_is_cut_into_passages(hub):
    corpus = by_name(STREAMS, path=hub, text="all", words=2, holdout_split="test")
    assert [record.answer for record in corpus.records[:3]] == ["w0 v", "u", "w1 v"]
    whole = by_name(STREAMS, path=hub, text="all", holdout_split="test")
    assert whole.records[0] == Record("", "w0 v u", is_text=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "has no columns answer, question; it has q, a, who, no, all"),
        (NAMED | {"split": "none"}, "cannot be loaded"),
        (NAMED | {"id": "a/b"}, "give either 'id'"),
        (NAMED | {"path": None}, "give either 'id'"),
    ],
)
def test_what_cannot_be_loaded_is_refused(hub, arguments, message):
    with pytest.raises(DataError, match=message):
        by_name(STREAMS, **({"path": hub} | arguments))


def test_the_library_is_named_where_it_lacks(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SeedwiseError, match=r"pip install 'seedwise\[datasets\]'"):
        by_name(STREAMS, path=tmp_path)


@pytest.mark.skipif(REAL is None, reason="SEEDWISE_DATA names no folder with real data")
def test_the_real_tofu_is_complete():
    corpus = tofu(STREAMS, path=Path(str(REAL)) / "tofu")
    assert len(corpus.records) + len(corpus.holdout) == 4000
    assert len(authors_of((*corpus.records, *corpus.holdout))) == 200
    assert all(len(record.wrong) == 5 for record in corpus.records[-400:])
    assert {name: len(records) for name, records in corpus.utility.items()} == {
        "real-authors": 100,
        "world-facts": 117,
    }
