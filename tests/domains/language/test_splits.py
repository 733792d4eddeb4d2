from __future__ import annotations

import numpy as np
import pytest
import torch

from seedwise.contracts.tokens import IGNORED
from seedwise.domains.language.corpus import Corpus, Record
from seedwise.domains.language.splits import Examples, check_lengths, make_splits, overlap
from seedwise.domains.language.tokens import Encoded, TrainedCodec, texts
from seedwise.errors import DataError

ASKED = [Record(f"q{n}?", f"answer {n}", "ab"[n % 2], f"p{n}", ("w", "v")) for n in range(6)]
OUT = (Record("q9?", "answer 9", "c", "p", ("w",)),)


def made(records=ASKED, forget=(1, 3), holdout=OUT, **more):
    corpus = Corpus(tuple(records), holdout, 300, **more)
    return make_splits(corpus, np.array(forget), TrainedCodec(texts(corpus.train), 300))


def test_the_question_is_masked_and_targets_are_the_next_tokens():
    examples = Examples([Encoded([5, 6, 7], [8, 9, 0]), Encoded([5], [8, 0])], end=0)
    inputs, targets = examples.take(torch.tensor([0, 1]), "cpu")
    n = IGNORED
    assert inputs.tolist() == [[5, 6, 7, 8, 9], [5, 8, 0, 0, 0]]
    assert targets.tolist() == [[n, n, 8, 9, 0], [8, 0, n, n, n]]


def test_a_batch_is_as_long_as_its_longest_example():
    examples = Examples([Encoded([5, 6, 7], [8, 9, 0]), Encoded([5], [8, 0])], end=0)
    assert examples.take(torch.tensor([1]), "cpu")[0].tolist() == [[5, 8]]


def test_splits_are_those_of_the_contract():
    splits = made(utility={"facts": (Record("f", "g"),)}, learnt=True)
    assert {name: split.index.tolist() for name, split in splits.items()} == {
        "train": [0, 1, 2, 3, 4, 5, 6],
        "retain": [0, 2, 4, 5, 6],
        "forget": [1, 3],
        "test": [0],
        "facts": [0],
    }
    assert [record.question for record in splits["forget"].records] == ["q1?", "q3?"]


def test_a_sample_is_made_where_only_some_have_wrong_answers():
    some = [*ASKED[:5], Record("q5?", "a")]
    facts = {"facts": (Record("f", "g", wrong=("h",)),)}
    assert made(some, utility=facts, learnt=True)["retain-sample"].index.tolist() == [0, 2, 4]
    assert "retain-sample" not in made(utility={"facts": (Record("f", "g"),)}, learnt=True)
    assert "retain-sample" not in made()
    assert "retain-sample" not in made([Record(f"q{n}", "a") for n in range(4)], (0,))


def test_fingerprints_follow_content_order_and_encoding():
    base = made()["test"].fingerprint
    assert made(forget=(0,))["test"].fingerprint == base
    changed = (Record("q9?", "answer 9", "c", "p", ("x",)),)
    assert made(holdout=changed)["test"].fingerprint != base
    other_texts = [*ASKED[:5], Record("q5?", "an answer of another kind")]
    assert made(other_texts)["test"].fingerprint != base


def test_wrong_answers_come_record_by_record():
    split = made()["forget"]
    assert len(split.wrong.take(torch.arange(4), "cpu")[0]) == 4
    with pytest.raises(DataError, match=r"'q1\?' has none: give 'perturbed_answer'"):
        _ = made([Record(f"q{n}?", "a") for n in range(4)])["forget"].wrong


def test_records_longer_than_the_context_are_refused():
    longest = [*ASKED[:-1], Record("q5?", "x", wrong=("y" * 40,))]
    splits = made(longest)
    with pytest.raises(DataError, match=r"a record of 'train' has \d+ tokens.*context of 30"):
        check_lengths(splits, 30)
    check_lengths(splits, 60)


def test_holdout_records_that_are_trained_on_are_counted():
    assert overlap(made()) == 0
    assert overlap(made(holdout=(*OUT, ASKED[0]))) == 1
