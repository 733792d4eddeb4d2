from __future__ import annotations

import itertools

import numpy as np
import pytest

from seedwise.domains.language.rouge import rouge_l


@pytest.mark.parametrize(
    ("text", "reference", "recall", "f1"),
    [
        ("police kill the gunman", "police killed the gunman", 1.0, 1.0),
        ("the gunman kill police", "police killed the gunman", 0.5, 0.5),
        ("", "anything", 0.0, 0.0),
        ("anything", "", 0.0, 0.0),
        ("a b c d e f", "a b", 1.0, 0.5),
        ("!?", "...", 0.0, 0.0),
    ],
)
def test_small_cases(text, reference, recall, f1):
    assert rouge_l(text, reference) == pytest.approx((recall, f1))


def test_the_subsequence_is_the_longest_one():
    """The oracle: all subsequences of the shorter text, tried out."""
    draw = np.random.default_rng(0)
    for _ in range(60):
        ours, theirs = (draw.choice(list("abc"), draw.integers(1, 8)).tolist() for _ in range(2))
        subsequences = (
            some
            for size in range(len(ours), -1, -1)
            for some in itertools.combinations(ours, size)
            if _is_within(some, theirs)
        )
        longest = len(next(subsequences))
        assert rouge_l(" ".join(ours), " ".join(theirs)).recall == longest / len(theirs)


def _is_within(some, whole):
    rest = iter(whole)
    return all(one in rest for one in some)
