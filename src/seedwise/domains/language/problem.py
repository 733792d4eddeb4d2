"""A language problem: the data with the forget set drawn, and all that is done with a model."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from seedwise.contracts import Batch
from seedwise.domains.language import columns as numbers
from seedwise.domains.language.columns import FORWARD, Scored
from seedwise.domains.language.generation import greedy
from seedwise.domains.language.passes import PASSES, check_columns
from seedwise.domains.language.rouge import rouge_l
from seedwise.domains.language.splits import Examples, Split
from seedwise.domains.language.tokens import Encoded
from seedwise.domains.modules import ModuleProblem, device_of
from seedwise.token_contracts import IGNORED

_CHUNK = 64
"""Sequences of one evaluation pass. Fixed, as it may decide a last bit."""


class LanguageProblem(ModuleProblem):
    """Implements `seedwise.contracts.TokenProblem` for causal models of `transformers`."""

    def losses(self, model: Any, batch: Batch, targets: Any = None) -> Tensor:
        """Return the mean negative log-probability of each answer's tokens, its end included, (n,).

        A module computes logits where they are needed alone; any other callable (e.g. one with
        other parameters, mapped over examples) computes all of them.

        Args:
            model: A model, or a callable from inputs to an object with `logits`.
            batch: The examples.
            targets: Tokens to use instead of the true ones, (n, length).
        """
        wanted = torch.as_tensor(batch.targets if targets is None else targets)
        if isinstance(model, nn.Module):
            return numbers.loss(self._scored(model, batch.inputs, wanted))
        each = functional.cross_entropy(
            model(batch.inputs).logits.transpose(1, 2), wanted, reduction="none"
        )
        return each.sum(dim=1) / (wanted != IGNORED).sum(dim=1)

    def scores(self, model: Any, batch: Batch) -> Tensor:
        """Return the logits, (n, length, vocabulary); row t predicts target t."""
        inputs = batch.inputs.to(device_of(model)) if isinstance(model, nn.Module) else batch.inputs
        return model(inputs).logits

    def hidden(self, model: Any, batch: Batch) -> Sequence[Tensor]:
        """Return the hidden states, (n, length, width) each: embedding, layer 1, ..."""
        inputs = batch.inputs.to(device_of(model))
        return model.base_model(inputs, output_hidden_states=True).hidden_states

    def answered(self, batch: Batch, answers: Sequence[str]) -> Batch:
        """Return the same questions with other answers, one an example."""
        codec = next(iter(self._splits.values())).codec
        asked = (batch.targets != IGNORED).int().argmax(dim=1) + 1
        encoded = [
            Encoded(row[:length].tolist(), codec.reply(answer))
            for row, length, answer in zip(batch.inputs, asked, answers, strict=True)
        ]
        made = Examples(encoded, codec.end)
        rows = torch.arange(len(encoded))
        return Batch(batch.index, *made.take(rows, str(batch.inputs.device)))

    def outputs(self, model: Any, split: str, columns: Sequence[str]) -> Mapping[str, np.ndarray]:
        """Return per-example numbers, float32, (n,) each, in the split's own order.

        Args:
            model: The model; evaluated in evaluation mode on the device it is on.
            split: Name of the split.
            columns: Among those of `seedwise.domains.language.passes.PASSES`.

        Raises:
            SeedwiseError: If there is no such split or column.
            DataError: If wrong answers are asked for and a record has none.
        """
        check_columns(columns)
        model.eval()
        chosen, found = self._split(split), {}
        for one in dict.fromkeys(PASSES[column] for column in columns):
            together = [column for column in columns if PASSES[column] == one]
            with torch.inference_mode():
                found |= self._pass_of(one, model, chosen, together)
        return {column: np.asarray(found[column], dtype=np.float32) for column in columns}

    def _pass_of(
        self, name: str, model: Any, split: Split, columns: Sequence[str]
    ) -> Mapping[str, np.ndarray]:
        if name == "forward":
            return self._numbers(model, split.examples, split.rows, columns)
        if name == "answers":
            return self._alternatives(model, split)
        if name == "generate":
            return self._generated(model, split)
        sizes = [len(zlib.compress(record.answer.encode())) for record in split.records]
        return {"zlib": np.array(sizes)}

    def _scored(self, model: Any, inputs: Tensor, targets: Tensor) -> Scored:
        """Compute the logits at the answers' tokens alone: most of a small model is its head."""
        device = device_of(model)
        inputs, targets = inputs.to(device), targets.to(device)
        states = model.base_model(inputs).last_hidden_state
        return Scored(model.get_output_embeddings()(states[targets != IGNORED]), targets)

    def _numbers(
        self, model: Any, examples: Examples, rows: Tensor, columns: Sequence[str]
    ) -> dict[str, np.ndarray]:
        parts = []
        for some in rows.split(_CHUNK):
            scored = self._scored(model, *examples.take(some, str(device_of(model))))
            parts.append({column: FORWARD[column](scored).float() for column in columns})
        return {
            column: torch.cat([part[column] for part in parts]).cpu().numpy() for column in columns
        }

    def _alternatives(self, model: Any, split: Split) -> dict[str, np.ndarray]:
        counts = [len(record.wrong) for record in split.records]
        wrong, said = split.wrong, split.paraphrases
        losses = self._numbers(model, wrong, torch.arange(sum(counts)), ["loss"])["loss"]
        each = np.split(losses.astype(float), np.cumsum(counts)[:-1])
        told = self._numbers(model, said, torch.arange(len(counts)), ["loss"])["loss"]
        return {
            "loss-paraphrase": told,
            "loss-wrong": np.array([some.mean() for some in each]),
            "probability-wrong": np.array([np.exp(-some).sum() for some in each]),
        }

    def _generated(self, model: Any, split: Split) -> dict[str, np.ndarray]:
        """Judge greedy answers of at most as many tokens as the split's longest true one."""
        encoded = [split.codec.encode(record, record.answer) for record in split.records]
        most = max(len(one.answer) for one in encoded)
        prompts = [one.prompt for one in encoded]
        found = greedy(model, prompts, most, split.codec.end, _CHUNK)
        rouge = [
            rouge_l(split.codec.decode(tokens), record.answer)
            for tokens, record in zip(found, split.records, strict=True)
        ]
        return {
            "rouge-recall": np.array([one.recall for one in rouge]),
            "rouge-f1": np.array([one.f1 for one in rouge]),
        }
