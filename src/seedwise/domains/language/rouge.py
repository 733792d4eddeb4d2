"""ROUGE-L: how much of a reference text stands in another, in order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from seedwise.domains.language.porter import stem

_SHORTEST = 4
"""Letters below which a word is not stemmed."""


class RougeL(NamedTuple):
    """Recall and F1 of the longest common subsequence, each in [0, 1]."""

    recall: float
    f1: float


def rouge_l(text: str, reference: str) -> RougeL:
    """Compare two texts by the longest common subsequence of their stems.

    Lin, "ROUGE: A Package for Automatic Evaluation of Summaries" (2004), as Google's `rouge-score`
    has it with its stemmer on: lower case, runs of letters and digits, words of four letters or
    more stemmed. Differs: the stemmer is Porter's own (1980), without NLTK's extensions.

    Args:
        text: What is judged.
        reference: The true text.

    Example:
        >>> rouge_l("The cat was sleeping", "The cats sleep here")
        RougeL(recall=0.75, f1=0.75)
    """
    ours, theirs = words(text), words(reference)
    common = _longest_common(ours, theirs)
    if common == 0:
        return RougeL(0.0, 0.0)
    return RougeL(common / len(theirs), 2 * common / (len(ours) + len(theirs)))


def words(text: str) -> list[str]:
    """Return the stems of a text's words.

    Example:
        >>> words("Dr. Wells' novels, 1898!")
        ['dr', 'well', 'novel', '1898']
    """
    found = re.findall(r"[a-z0-9]+", text.lower())
    return [stem(word) if len(word) >= _SHORTEST else word for word in found]


def _longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    row = [0] * (len(other) + 1)
    for mine in one:
        before = 0
        for place, theirs in enumerate(other, start=1):
            above = row[place]
            row[place] = before + 1 if mine == theirs else max(above, row[place - 1])
            before = above
    return row[-1]
