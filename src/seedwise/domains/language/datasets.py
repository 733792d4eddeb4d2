"""The data sets of the language domain, as texts without torch.

Each function's keyword-only arguments are what a study may say under `task.dataset`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PositiveInt

from seedwise.contracts import Part
from seedwise.domains.language.authors import fictional_authors
from seedwise.domains.language.corpus import (
    Corpus,
    Record,
    Vocabulary,
    authors_of,
    read_records,
)
from seedwise.domains.language.hub_datasets import load_split, passages
from seedwise.domains.language.passages import read_passages
from seedwise.errors import DataError
from seedwise.seeds import SeedStreams

_QUESTIONS = 20
"""Questions an author in TOFU, in the order of the file."""

_LAST = 20
"""Authors at the end of TOFU's file that its forget01, forget05 and forget10 are taken from."""

_PERTURBED = ("forget10_perturbed", "retain_perturbed")
_UTILITY = {"real-authors": "real_authors_perturbed", "world-facts": "world_facts_perturbed"}


def tofu(
    streams: SeedStreams,
    *,
    path: Path,
    authors: Annotated[int, Field(ge=3)] | None = None,
    holdout: PositiveInt = 20,
    learn_utility: bool = True,
    vocabulary: Vocabulary = 1024,
) -> Corpus:
    """Read a folder with the JSON lines of TOFU (Maini et al., COLM 2024).

    `full.json` is needed; paraphrases and wrong answers come from `forget10_perturbed.json` and
    `retain_perturbed.json`, utility sets from `real_authors_perturbed.json` and
    `world_facts_perturbed.json`, where they are there. TOFU has no holdout: it is carved out of
    the authors that none of its forget sets holds, and not trained on.

    Args:
        streams: Streams of the partition; the stream `split` draws the holdout authors.
        path: The folder.
        authors: Take this many authors only: those of its forget sets, then the first ones.
        holdout: Authors to take out of training.
        learn_utility: Whether real authors and world facts are trained on: a model built from
            its configuration knows nothing of them otherwise.
        vocabulary: Tokens at most.
    """
    known = {record.question: record for name in _PERTURBED for record in _optional(path, name)}
    everything = [
        replace(_completed(record, known), author=f"author {number // _QUESTIONS}")
        for number, record in enumerate(read_records(path / "full.json"))
    ]
    every = authors_of(everything)
    size = min(authors or len(every), len(every))
    last = min(_LAST, size // 2)
    named, outside = [*every[: size - last], *every[len(every) - last :]], size - last
    if holdout >= outside:
        raise DataError(
            f"holdout: {holdout} authors cannot be taken out of the {outside} that TOFU's forget "
            "sets leave; use fewer"
        )
    drawn = streams.generator("split").choice(outside, holdout, replace=False)
    gone = {named[number] for number in drawn}
    utility = {
        name: tuple(records)
        for name, file in _UTILITY.items()
        if (records := _optional(path, file))
    }
    kept = set(named) - gone
    return Corpus(
        records=tuple(record for record in everything if record.author in kept),
        holdout=tuple(record for record in everything if record.author in gone),
        vocabulary=vocabulary,
        utility=utility,
        learnt=learn_utility,
        notes=(f"{holdout} authors were taken out of TOFU's retain set as a holdout: it has none",),
    )


def qa_jsonl(
    streams: SeedStreams,
    *,
    path: Path,
    holdout_path: Path | None = None,
    utility_path: Path | None = None,
    holdout: Annotated[float, Field(gt=0, lt=1)] = 0.1,
    learn_utility: bool = True,
    vocabulary: Vocabulary = 1024,
) -> Corpus:
    """Read questions and answers from JSON lines; see `seedwise.domains.language.corpus`.

    Args:
        streams: Streams of the partition; the stream `split` draws the holdout.
        path: The file of records to learn.
        holdout_path: The file of records that no model is trained on; without it they are drawn
            from `path`, whole authors where every record names one.
        utility_path: The file of records never to be forgotten.
        holdout: Share of `path` held out where there is no `holdout_path`.
        learn_utility: Whether the utility records are trained on.
        vocabulary: Tokens at most.
    """
    records = read_records(path)
    if holdout_path is None:
        records, held_out = _carve(records, holdout, streams)
    else:
        held_out = read_records(holdout_path)
    utility = {} if utility_path is None else {"utility": tuple(read_records(utility_path))}
    return Corpus(tuple(records), tuple(held_out), vocabulary, utility, learn_utility)


def text(
    streams: SeedStreams,
    *,
    path: Path,
    holdout_path: Path | None = None,
    words: PositiveInt = 64,
    holdout: Annotated[float, Field(gt=0, lt=1)] = 0.1,
    vocabulary: Vocabulary = 1024,
) -> Corpus:
    """Read plain text, cut into passages that are learnt from their first word to their last.

    A document stands for its author: the forget set `authors` takes whole documents. Greedy
    answers continue the first half of a passage. There are no wrong answers, so that truth ratios
    and forget quality cannot be computed.

    Args:
        streams: Streams of the partition; the stream `split` draws the holdout.
        path: A .txt file, or a folder of them, each a document.
        holdout_path: Texts that no model is trained on; without it they are drawn from `path`,
            whole documents where there are several.
        words: Words a passage.
        holdout: Share of `path` held out where there is no `holdout_path`.
        vocabulary: Tokens at most of a codec trained on the texts.
    """
    records = read_passages(path, words)
    if holdout_path is None:
        records, held_out = _carve(records, holdout, streams)
    else:
        held_out = read_passages(holdout_path, words)
    return Corpus(tuple(records), tuple(held_out), vocabulary)


def by_name(
    streams: SeedStreams,
    *,
    id: str | None = None,
    path: Path | None = None,
    config: str | None = None,
    split: str = "train",
    revision: str | None = None,
    question: str = "question",
    answer: str = "answer",
    author: str | None = None,
    paraphrase: str | None = None,
    wrong: str | None = None,
    text: str | None = None,
    words: PositiveInt | None = None,
    holdout_split: str | None = None,
    holdout: Annotated[float, Field(gt=0, lt=1)] = 0.1,
    vocabulary: Vocabulary = 1024,
) -> Corpus:
    """Load a data set of the Hugging Face hub, or a folder, by the library `datasets`.

    Args:
        streams: Streams of the partition; the stream `split` draws the holdout.
        id: Its id on the hub, e.g. `locuslab/TOFU`.
        path: A folder with data files instead (parquet, CSV, JSON, ...).
        config: Its configuration.
        split: The split to learn.
        revision: Branch, tag or commit; give a commit for a study to be repeatable.
        question: The column of the questions.
        answer: The column of the answers.
        author: The column of whom a row is about.
        paraphrase: The column of the paraphrased answers.
        wrong: The column of the wrong answers, one text or a list.
        text: The column of plain texts, instead of questions and answers.
        words: Words a passage that a text is cut into; by default a row is one passage.
        holdout_split: The split that no model is trained on; without it it is drawn from `split`,
            whole authors where every row names one.
        holdout: Share of `split` held out where there is no `holdout_split`.
        vocabulary: Tokens at most of a codec trained on the texts.

    Raises:
        DataError: If not exactly one of `id` and `path` is given, or it cannot be loaded.
    """
    source = id or path
    if source is None or (id and path):
        raise DataError("task.dataset: give either 'id', on the Hugging Face hub, or 'path'")
    named = {"text": text} if text else {"question": question, "answer": answer}
    more = {"author": author, "paraphrased_answer": paraphrase, "perturbed_answer": wrong}
    columns = named | {key: name for key, name in more.items() if name}
    load = partial(load_split, source, config, revision=revision, columns=columns)
    records = passages(load(split=split), words if text else None)
    if holdout_split is None:
        records, held_out = _carve(records, holdout, streams)
    else:
        held_out = passages(load(split=holdout_split), words if text else None)
    return Corpus(tuple(records), tuple(held_out), vocabulary)


DATASETS: Mapping[str, Callable[..., Corpus]] = {
    "datasets": by_name,
    "fictional-authors": fictional_authors,
    "qa-jsonl": qa_jsonl,
    "text": text,
    "tofu": tofu,
}


def dataset_files(part: Part) -> list[Path]:
    """Return the files that a data set is read from."""
    if part.name == "fictional-authors":
        return []
    if part.name in ("datasets", "text"):
        places = (part.arguments.get(name) for name in ("path", "holdout_path"))
        return [file for place in places if place for file in _below(Path(place))]
    if part.name == "tofu":
        names = ("full", *_PERTURBED, *_UTILITY.values())
        files = [Path(part.arguments["path"]) / f"{name}.json" for name in names]
        return [file for file in files if file.is_file()]
    paths = (part.arguments.get(name) for name in ("path", "holdout_path", "utility_path"))
    return [Path(path) for path in paths if path is not None]


def _below(place: Path) -> list[Path]:
    return (
        sorted(file for file in place.rglob("*") if file.is_file()) if place.is_dir() else [place]
    )


def bound(part: Part) -> dict[str, Any]:
    """Return the arguments of a data set, paths as paths."""
    return {
        name: Path(value).expanduser() if name.endswith("path") and value is not None else value
        for name, value in part.arguments.items()
    }


def _optional(folder: Path, name: str) -> list[Record]:
    file = folder / f"{name}.json"
    return read_records(file) if file.is_file() else []


def _completed(record: Record, known: Mapping[str, Record]) -> Record:
    """Add paraphrase and wrong answers where another file has them."""
    more = known.get(record.question)
    if more is None or more.answer != record.answer:
        return record
    return replace(record, paraphrase=more.paraphrase, wrong=more.wrong)


def _carve(
    records: list[Record], share: float, streams: SeedStreams
) -> tuple[list[Record], list[Record]]:
    whole = all(record.author for record in records) and len(authors_of(records)) > 1
    units = [record.author if whole else str(n) for n, record in enumerate(records)]
    names = list(dict.fromkeys(units))
    count = max(1, round(share * len(names)))
    drawn = streams.generator("split").choice(len(names), count, replace=False)
    gone = {names[number] for number in drawn}
    return _where(records, units, set(names) - gone), _where(records, units, gone)


def _where(records: list[Record], units: list[str], chosen: Iterable[str]) -> list[Record]:
    wanted = set(chosen)
    return [record for record, unit in zip(records, units, strict=True) if unit in wanted]
