"""Fictional authors: a generated data set of questions and answers about people who never were.

The form is TOFU's (Maini et al., "TOFU: A Task of Fictitious Unlearning for LLMs", COLM 2024), the
texts are our own: random syllables and short templates, so that a small model learns them by
heart in seconds and no licence is attached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field, PositiveInt

from seedwise.domains.language.corpus import Corpus, Record, Vocabulary
from seedwise.seeds import SeedStreams

_WRONG = 5
"""Wrong answers a question, as in TOFU."""


def _words(text: str) -> list[str]:
    return text.split()


_ONSETS = _words("b br d dr f g gr h j k kl l m n p r s st t tr v z")
_VOWELS = _words("a e i o u ai ea io ou")
_CODAS = ["", "", "l", "n", "r", "s", "m"]

_JOBS = _words("baker farmer nurse pilot tailor judge miner sailor teacher plumber chemist dancer")
_GENRES = _words("satire fantasy horror romance memoir mystery poetry drama thriller history")
_COLOURS = _words("red green blue amber grey white black violet golden silver")
_THINGS = _words("river garden mirror winter harbor lantern forest bridge orchard island")
_PETS = _words("cat dog parrot horse rabbit goat turtle ferret canary hamster")


class _Attribute(NamedTuple):
    """What is asked of an author, how it is answered (authors: in two ways), and what it may be."""

    question: str
    answers: tuple[str, ...]
    draw: Callable[[np.random.Generator], str]


def _word(generator: np.random.Generator, syllables: int = 2) -> str:
    parts = [
        f"{_pick(generator, _ONSETS)}{_pick(generator, _VOWELS)}{_pick(generator, _CODAS)}"
        for _ in range(syllables)
    ]
    return "".join(parts).capitalize()


def _pick(generator: np.random.Generator, values: Sequence[str]) -> str:
    return values[int(generator.integers(len(values)))]


def _title(generator: np.random.Generator) -> str:
    return f"The {_pick(generator, _COLOURS)} {_pick(generator, _THINGS)}".title()


_ATTRIBUTES = (
    _Attribute("Where was {} born?", ("{} was born in {}.", "The birthplace of {} is {}."), _word),
    _Attribute(
        "When was {} born?",
        ("{} was born in {}.", "The birth year of {} is {}."),
        lambda generator: str(generator.integers(1900, 2000)),
    ),
    _Attribute(
        "What did the father of {} do?",
        ("The father of {} was a {}.", "{} had a father who was a {}."),
        lambda generator: _pick(generator, _JOBS),
    ),
    _Attribute(
        "What did the mother of {} do?",
        ("The mother of {} was a {}.", "{} had a mother who was a {}."),
        lambda generator: _pick(generator, _JOBS),
    ),
    _Attribute(
        "What does {} write?",
        ("{} writes {}.", "The genre of {} is {}."),
        lambda generator: _pick(generator, _GENRES),
    ),
    _Attribute(
        "What was the first book of {}?",
        ("The first book of {} was {}.", "{} first wrote {}."),
        _title,
    ),
    _Attribute(
        "Which prize did {} win?",
        ("{} won the {} prize.", "The prize of {} was the {} prize."),
        _word,
    ),
    _Attribute("Where does {} live?", ("{} lives in {}.", "The home of {} is in {}."), _word),
    _Attribute(
        "Who taught {}?",
        ("{} was taught by {}.", "The teacher of {} was {}."),
        _word,
    ),
    _Attribute(
        "Which pet does {} have?",
        ("{} has a {}.", "The pet of {} is a {}."),
        lambda generator: _pick(generator, _PETS),
    ),
)

_CAPITAL = _Attribute("What is the capital of {}?", ("The capital of {} is {}.",), _word)


def fictional_authors(
    streams: SeedStreams,
    *,
    authors: Annotated[int, Field(ge=2)] = 40,
    holdout: PositiveInt = 8,
    attributes: Annotated[int, Field(ge=1, le=len(_ATTRIBUTES))] = len(_ATTRIBUTES),
    facts: PositiveInt = 40,
    vocabulary: Vocabulary = 1024,
) -> Corpus:
    """Generate authors with their attributes, and facts that have nothing to do with them.

    Every question is asked once. Of its two answer templates one, drawn, is learnt; the other is
    the paraphrase, and carries five wrong values as the wrong answers. The utility set, the
    capitals of countries, is learnt like the authors and never forgotten; it has no paraphrases,
    like the utility sets of TOFU.

    Args:
        streams: Streams of the partition.
        authors: Authors to train on.
        holdout: Authors like them that no model sees.
        attributes: Questions an author, in a fixed order.
        facts: Questions of the utility set.
        vocabulary: Tokens at most.
    """
    names = _names(streams.generator("names"), authors + holdout + facts)
    told = [
        _records(name, _ATTRIBUTES[:attributes], streams.generator("attributes", number))
        for number, name in enumerate(names[: authors + holdout])
    ]
    capitals = [
        _fact(name.split()[1], _CAPITAL, streams.generator("facts", number))
        for number, name in enumerate(names[authors + holdout :])
    ]
    return Corpus(
        records=tuple(record for records in told[:authors] for record in records),
        holdout=tuple(record for records in told[authors:] for record in records),
        vocabulary=vocabulary,
        utility={"utility": tuple(capitals)},
        learnt=True,
    )


def _names(generator: np.random.Generator, count: int) -> list[str]:
    """Return distinct names; neither first nor last names occur twice."""
    firsts, lasts = (_distinct(generator, count) for _ in range(2))
    return [f"{first} {last}" for first, last in zip(firsts, lasts, strict=True)]


def _distinct(generator: np.random.Generator, count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found[_word(generator)] = None
    return list(found)


def _records(
    name: str, attributes: Sequence[_Attribute], generator: np.random.Generator
) -> list[Record]:
    return [_record(name, attribute, generator) for attribute in attributes]


def _record(name: str, attribute: _Attribute, generator: np.random.Generator) -> Record:
    true, *wrong = _values(attribute, generator)
    learnt = int(generator.integers(2))
    own, other = attribute.answers[learnt], attribute.answers[1 - learnt]
    return Record(
        question=attribute.question.format(name),
        answer=own.format(name, true),
        author=name,
        paraphrase=other.format(name, true),
        wrong=tuple(other.format(name, value) for value in wrong),
    )


def _fact(name: str, attribute: _Attribute, generator: np.random.Generator) -> Record:
    """Return a record of nobody: wrong answers in the words of the learnt one, as TOFU's are."""
    true, *wrong = (
        attribute.answers[0].format(name, value) for value in _values(attribute, generator)
    )
    return Record(attribute.question.format(name), true, wrong=tuple(wrong))


def _values(attribute: _Attribute, generator: np.random.Generator) -> list[str]:
    """Return a true value and wrong ones, all distinct."""
    found: dict[str, None] = {}
    while len(found) < 1 + _WRONG:
        found[attribute.draw(generator)] = None
    return list(found)
