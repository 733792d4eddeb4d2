"""The data of a problem as token numbers, and its named splits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import torch
from torch import Tensor

from seedwise.contracts import Batch
from seedwise.contracts.tokens import IGNORED
from seedwise.domains.indices import fingerprint_of
from seedwise.domains.language.corpus import Corpus, Record
from seedwise.domains.language.tokens import Codec, Encoded
from seedwise.errors import DataError


class Examples:
    """Token sequences side by side, copied to a device when first asked for there.

    Args:
        encoded: The sequences.
        end: The number of the token that fills shorter ones.
    """

    def __init__(self, encoded: Sequence[Encoded], end: int) -> None:
        lengths = [len(one.prompt) + len(one.answer) - 1 for one in encoded]
        shape = (len(encoded), max(lengths))
        inputs, targets = torch.full(shape, end), torch.full(shape, IGNORED)
        for row, one in enumerate(encoded):
            whole, before = torch.tensor([*one.prompt, *one.answer]), len(one.prompt) - 1
            inputs[row, : lengths[row]] = whole[:-1]
            targets[row, before : lengths[row]] = whole[before + 1 :]
        self._lengths = torch.tensor(lengths)
        self.longest = shape[1]
        self._copies = {"cpu": (inputs, targets)}

    def take(self, rows: Tensor, device: str) -> tuple[Tensor, Tensor]:
        """Return inputs and targets of some rows, as long as the longest of them."""
        if device not in self._copies:
            with torch.inference_mode(mode=False):  # a copy may serve a backward pass later
                inputs, targets = self._copies["cpu"]
                self._copies[device] = (inputs.to(device), targets.to(device))
        inputs, targets = self._copies[device]
        longest, here = int(self._lengths[rows].max()), rows.to(device)
        return inputs[here, :longest], targets[here, :longest]


@dataclass(frozen=True)
class Split:
    """Some rows of the data.

    Args:
        examples: The data the rows are of.
        records: Their texts, in the split's own order.
        codec: Encodes them.
        rows: Their places, int64, in the split's own order.
        index: The numbers `Batch.index` uses for them; stays on the host.
        fingerprint: SHA-256 of content, encoding and order.
    """

    examples: Examples
    records: tuple[Record, ...]
    codec: Codec
    rows: Tensor
    index: Tensor
    fingerprint: str

    @cached_property
    def paraphrases(self) -> Examples:
        """The paraphrased answers; the answer itself where a record has none."""
        said = [self.codec.encode(one, one.paraphrase or one.answer) for one in self.records]
        return Examples(said, self.codec.end)

    @cached_property
    def wrong(self) -> Examples:
        """All wrong answers, record by record.

        Raises:
            DataError: If a record has none.
        """
        for one in self.records:
            if not one.wrong:
                raise DataError(
                    f"wrong answers are needed for every record of a split, but {one.question!r} "
                    "has none: give 'perturbed_answer' in the data, or name the splits that have "
                    "them under the metric's 'splits'"
                )
        said = [self.codec.encode(one, wrong) for one in self.records for wrong in one.wrong]
        return Examples(said, self.codec.end)

    def take(self, places: Tensor | slice, device: str) -> Batch:
        """Return the examples at some places of the split."""
        inputs, targets = self.examples.take(self.rows[places], device)
        return Batch(self.index[places], inputs, targets)

    def at(self, places: Tensor) -> Split:
        """Return the examples at some places as a split of their own."""
        records = tuple(self.records[place] for place in places)
        seal = fingerprint_of(self.fingerprint, places)
        rows, index = self.rows[places], self.index[places]
        return replace(self, records=records, rows=rows, index=index, fingerprint=seal)


def make_splits(
    corpus: Corpus, forget: np.ndarray, codec: Codec, start: str = ""
) -> dict[str, Split]:
    """Return `train`, `retain`, `forget`, `test` (the holdout) and the utility sets.

    Where only some of the retain set have wrong answers, they make the split `retain-sample`,
    without the utility sets.

    Args:
        corpus: The data set.
        forget: Numbers of the training records to forget, ascending.
        codec: Encodes them.
        start: Hash of the weights that models start from, part of the fingerprints.
    """
    seal = partial(_fingerprint, codec=codec, start=start)
    train = corpus.train
    every = np.arange(len(train))
    retain = np.setdiff1d(every, forget)
    places = {"train": every, "retain": retain, "forget": forget}
    told = retain[retain < len(corpus.records)]
    known = np.array([bool(train[row].wrong) for row in told])
    if known.any() and not known.all():
        places["retain-sample"] = told[known]
    examples = _examples(train, codec)
    splits = {
        name: _split(examples, [train[row] for row in rows], rows, codec, seal)
        for name, rows in places.items()
    }
    for name, records in {"test": corpus.holdout, **corpus.utility}.items():
        rows = np.arange(len(records))
        splits[name] = _split(_examples(records, codec), records, rows, codec, seal)
    return splits


def _examples(records: Sequence[Record], codec: Codec) -> Examples:
    return Examples([codec.encode(record, record.answer) for record in records], codec.end)


def _split(
    examples: Examples,
    records: Sequence[Record],
    rows: np.ndarray,
    codec: Codec,
    seal: Callable[[Sequence[Record]], str],
) -> Split:
    places = torch.from_numpy(rows)
    return Split(examples, tuple(records), codec, places, places, seal(records))


def _fingerprint(records: Sequence[Record], codec: Codec, start: str) -> str:
    state = hashlib.sha256(f"{codec.content}{start}".encode())
    for record in records:
        state.update(repr(record).encode())
    return state.hexdigest()


def overlap(splits: Mapping[str, Split]) -> int:
    """Return how many holdout questions, with their answers, occur in the training data."""
    known = {(one.question, one.answer) for one in splits["train"].records}
    return sum((one.question, one.answer) in known for one in splits["test"].records)


def check_lengths(splits: Mapping[str, Split], context: int | None) -> None:
    """Refuse records with more tokens than a model can take.

    Args:
        splits: The data.
        context: Most tokens of a sequence; None where the model has no such number.

    Raises:
        DataError: Naming one of them.
    """
    for name, split in splits.items():
        for record in split.records:
            for answer in (record.answer, record.paraphrase or record.answer, *record.wrong):
                encoded = split.codec.encode(record, answer)
                length = len(encoded.prompt) + len(encoded.answer)
                if context is not None and length > context:
                    raise DataError(
                        f"a record of '{name}' has {length} tokens, more than the model's context "
                        f"of {context}: {(record.question or answer)[:80]!r}; shorten the record, "
                        "or take a model with a longer context (task.model.context of a small one)"
                    )
