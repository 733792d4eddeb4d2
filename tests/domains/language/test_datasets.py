from __future__ import annotations

import os
from pathlib import Path

import pytest

from seedwise.contracts import Part
from seedwise.domains.language.corpus import authors_of
from seedwise.domains.language.datasets import DATASETS, bound, dataset_files, qa_jsonl, tofu
from seedwise.errors import DataError
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
