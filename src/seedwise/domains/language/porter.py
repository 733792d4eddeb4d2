"""Porter's stemmer.

M. F. Porter, "An algorithm for suffix stripping", Program 14 (1980) 130-137, step by step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_STEP_2 = {
    "ational": "ate",
    "tional": "tion",
    "enci": "ence",
    "anci": "ance",
    "izer": "ize",
    "abli": "able",
    "alli": "al",
    "entli": "ent",
    "eli": "e",
    "ousli": "ous",
    "ization": "ize",
    "ation": "ate",
    "ator": "ate",
    "alism": "al",
    "iveness": "ive",
    "fulness": "ful",
    "ousness": "ous",
    "aliti": "al",
    "iviti": "ive",
    "biliti": "ble",
}
_STEP_3 = {
    "icate": "ic",
    "ative": "",
    "alize": "al",
    "iciti": "ic",
    "ical": "ic",
    "ful": "",
    "ness": "",
}
_ENDINGS = "al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize"
_STEP_4 = _ENDINGS.split()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the stem of a lower-case word.

    Example:
        >>> [stem(word) for word in ("caresses", "relational", "hopping", "generalizations")]
        ['caress', 'relat', 'hop', 'gener']
    """
    if len(word) <= 2:
        return word
    word = _verbs(_plurals(word))
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = f"{word[:-1]}i"
    word = _swapped(_swapped(word, _STEP_2), _STEP_3)
    return _end(_dropped(word))


def _plurals(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _verbs(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        if word.endswith(suffix):
            base = word[: -len(suffix)]
            return _repaired(base) if _has_vowel(base) else word
    return word


def _repaired(base: str) -> str:
    if base.endswith(("at", "bl", "iz")):
        return f"{base}e"
    if _ends_double(base) and base[-1] not in "lsz":
        return base[:-1]
    return f"{base}e" if _measure(base) == 1 and _is_short(base) else base


def _swapped(word: str, table: dict[str, str]) -> str:
    """Replace the longest suffix of a table where what is before it has a measure above 0."""
    suffix = _longest(word, table)
    if suffix is None or _measure(word[: -len(suffix)]) == 0:
        return word
    return word[: -len(suffix)] + table[suffix]


def _dropped(word: str) -> str:
    suffix = _longest(word, _STEP_4)
    if suffix is None:
        return word
    base = word[: -len(suffix)]
    if _measure(base) < 2 or (suffix == "ion" and not base.endswith(("s", "t"))):
        return word
    return base


def _end(word: str) -> str:
    if word.endswith("e"):
        base = word[:-1]
        measure = _measure(base)
        if measure > 1 or (measure == 1 and not _is_short(base)):
            word = base
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word


def _longest(word: str, suffixes: Iterable[str]) -> str | None:
    fitting = [suffix for suffix in suffixes if word.endswith(suffix)]
    return max(fitting, key=len, default=None)


def _shape(word: str) -> str:
    """Return v for every vowel and c for every consonant; y is a vowel after a consonant."""
    shape = ""
    for place, letter in enumerate(word):
        after_consonant = place > 0 and shape[-1] == "c"
        shape += "v" if letter in "aeiou" or (letter == "y" and after_consonant) else "c"
    return shape


def _measure(word: str) -> int:
    """Return m of [C](VC)^m[V]."""
    return len(re.findall("v+c+", _shape(word)))


def _has_vowel(word: str) -> bool:
    return "v" in _shape(word)


def _ends_double(word: str) -> bool:
    return len(word) > 1 and word[-1] == word[-2] and _shape(word)[-1] == "c"


def _is_short(word: str) -> bool:
    """Return whether a word ends consonant, vowel, consonant, the last not w, x or y."""
    return _shape(word)[-3:] == "cvc" and word[-1] not in "wxy"
