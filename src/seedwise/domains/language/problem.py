"""A language problem: the data with the forget set drawn, and all that is done with a model."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from seedwise.contracts import Artifact, Batch, Recipe
from seedwise.contracts.tokens import IGNORED
from seedwise.domains import weights
from seedwise.domains.language import adapters
from seedwise.domains.language import columns as numbers
from seedwise.domains.language.columns import FORWARD, Scored
from seedwise.domains.language.corpus import Record
from seedwise.domains.language.generation import greedy
from seedwise.domains.language.passes import PASSES, check_columns
from seedwise.domains.language.rouge import rouge_l
from seedwise.domains.language.splits import Examples, Split
from seedwise.domains.language.starts import Start, base_of
from seedwise.domains.language.tokens import Encoded
from seedwise.domains.modules import ModuleProblem, device_of
from seedwise.errors import DataError

_CHUNK = 64
"""Sequences of one evaluation pass. Fixed, as it may decide a last bit."""


class LanguageProblem(ModuleProblem):
    """Implements `seedwise.contracts.TokenProblem` for causal models of `transformers`.

    Args:
        splits: The data by name.
        notes: Sentences about the data.
        start: What models look like, and where their training begins.
        recipe: How originals and references are trained.
    """

    def __init__(
        self, splits: Mapping[str, Split], notes: Sequence[str], start: Start, recipe: Recipe
    ) -> None:
        super().__init__(splits, notes, start.blank, start.initialise, recipe)
        self._start = start
        self.dtype = start.dtype

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
            found = numbers.loss(self._scored(model, batch.inputs, wanted))
            return found.to(device_of(model))
        logits = self._logits(model, batch.inputs)
        each = functional.cross_entropy(logits.transpose(1, 2), wanted, reduction="none")
        return each.sum(dim=1) / (wanted != IGNORED).sum(dim=1)

    def scores(self, model: Any, batch: Batch) -> Tensor:
        """Return the logits, (n, length, vocabulary); row t predicts target t."""
        inputs = batch.inputs.to(device_of(model)) if isinstance(model, nn.Module) else batch.inputs
        return self._logits(model, inputs)

    def hidden(self, model: Any, batch: Batch) -> Sequence[Tensor]:
        """Return the hidden states, (n, length, width) each: embedding, layer 1, ..."""
        inputs = batch.inputs.to(device_of(model))
        with self._start.precision(inputs.device):
            states = model.base_model(inputs, output_hidden_states=True).hidden_states
        return [state.to(inputs.device).float() for state in states]

    def _logits(self, model: Any, inputs: Tensor) -> Tensor:
        with self._start.precision(inputs.device):
            return model(inputs).logits.float()

    def answered(self, batch: Batch, answers: Sequence[str]) -> Batch:
        """Return the same questions with other answers, one an example."""
        codec = self._start.codec
        asked = (batch.targets != IGNORED).int().argmax(dim=1) + 1
        encoded = [
            Encoded(row[:length].tolist(), codec.reply(answer))
            for row, length, answer in zip(batch.inputs, asked, answers, strict=True)
        ]
        made = Examples(encoded, codec.end)
        rows = torch.arange(len(encoded))
        return Batch(batch.index, *made.take(rows, str(batch.inputs.device)))

    def along(self, origin: Any, tuned: Any, share: float) -> Any:
        """Return origin + share (tuned - origin), of all effective parameters; changes `tuned`.

        Raises:
            DataError: If the models have adapters.
        """
        if self._start.lora is not None:
            raise DataError(
                "a task-vector cannot be taken between adapters: effective parameters are products "
                "of their factors; train all parameters (leave out task.model.lora)"
            )
        for parameter, before in zip(tuned.parameters(), origin.parameters(), strict=True):
            values = parameter.detach()
            values.copy_(before.detach() * (1.0 - share) + values * share)
        return tuned

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

    def absent(self, split: str) -> Mapping[str, str]:
        """Return the columns about wrong answers where a record has none."""
        records = self._split(split).records
        lacking = sum(not record.wrong for record in records)
        if not lacking:
            return {}
        reason = f"{lacking} of {len(records)} records have no wrong answers ('perturbed_answer')"
        return {column: reason for column, one in PASSES.items() if one == "answers"}

    def _pass_of(
        self, name: str, model: Any, split: Split, columns: Sequence[str]
    ) -> Mapping[str, np.ndarray]:
        if name == "forward":
            return self._numbers(model, split.examples, split.rows, columns)
        if name == "answers":
            return self._alternatives(model, split)
        if name == "generate":
            return self._generated(model, split)
        if name == "gradient":
            return {"gradient-norm": self._gradient_norms(model, split)}
        sizes = [len(zlib.compress(record.answer.encode())) for record in split.records]
        return {"zlib": np.array(sizes)}

    def _scored(self, model: Any, inputs: Tensor, targets: Tensor) -> Scored:
        """Compute the logits at the answers' tokens alone: most of a small model is its head."""
        inputs = inputs.to(device_of(model))
        with self._start.precision(inputs.device):
            states = model.base_model(inputs).last_hidden_state
            targets = targets.to(states.device)
            logits = model.get_output_embeddings()(states[targets != IGNORED])
        return Scored(logits.float(), targets.to(logits.device))

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

    def _gradient_norms(self, model: Any, split: Split) -> np.ndarray:
        parameters = [one for one in model.parameters() if one.requires_grad]
        found = []
        with torch.inference_mode(mode=False), torch.enable_grad():
            for place in range(len(split.rows)):
                batch = split.take(slice(place, place + 1), str(device_of(model)))
                loss = self.losses(model, batch).sum()
                each = torch.autograd.grad(loss, parameters, allow_unused=True)
                squares = [float(one.float().square().sum()) for one in each if one is not None]
                found.append(math.sqrt(sum(squares)))
        return np.array(found)

    def _generated(self, model: Any, split: Split) -> dict[str, np.ndarray]:
        """Judge greedy answers of at most as many tokens as the split's longest true one.

        A plain text is continued from its first half (Shi et al., MUSE, ICLR 2025).
        """
        asked = [self._continued(split, record) for record in split.records]
        most = max(len(one.answer) for one in asked)
        with self._start.precision(device_of(model)):
            found = greedy(model, [one.prompt for one in asked], most, split.codec.end, _CHUNK)
        rouge = [
            rouge_l(split.codec.decode(tokens), self._truth(split, record, one))
            for tokens, record, one in zip(found, split.records, asked, strict=True)
        ]
        return {
            "rouge-recall": np.array([one.recall for one in rouge]),
            "rouge-f1": np.array([one.f1 for one in rouge]),
        }

    def _continued(self, split: Split, record: Record) -> Encoded:
        encoded = split.codec.encode(record, record.answer)
        if not record.is_text:
            return encoded
        half = len(encoded.answer) // 2
        return Encoded([*encoded.prompt, *encoded.answer[:half]], encoded.answer[half:])

    def _truth(self, split: Split, record: Record, asked: Encoded) -> str:
        return split.codec.decode(asked.answer) if record.is_text else record.answer

    # --- models -------------------------------------------------------------------------------

    def fresh(self, generator: np.random.Generator) -> Any:
        """Return a model of the same configuration with all its parameters drawn."""
        return self._start.untaught(generator)

    def moved(self, model: Any, device: str) -> Any:
        """Return the model on a device; one that is dealt to several stays where it is."""
        return model if getattr(model, "hf_device_map", None) else model.to(device)

    def start_of(self, model: Any) -> str:
        """Return nothing for pretrained weights: all seeds share them, and that is no mistake."""
        return "" if self._start.identity else self.digest(model)

    def copy(self, model: Any) -> Any:
        """Return an independent copy; what is frozen beneath adapters is shared."""
        return adapters.sharing(model)

    def digest(self, model: Any) -> str:
        """Return the SHA-256 of the effective parameters: adapters count merged."""
        if self._start.lora is None:
            return weights.digest(model)
        return weights.digest_of(adapters.effective(model))

    def save(self, model: Any, path: Path) -> Artifact:
        """Write the parameters to a safetensors file; of a model with adapters those alone."""
        if self._start.lora is None:
            return weights.save(model, path)
        base = weights.digest_of(sorted(adapters.base(model).items()))
        return replace(weights.write(adapters.trained(model), path), base=base)

    def load(self, artifact: Artifact, base: Any = None, device: str = "cpu") -> Any:
        """Read a model of this problem back, or adopt one from a directory or a file.

        Raises:
            DataError: If the weights are not in safetensors or do not fit, or adapters belong to
                other weights.
        """
        if self._start.lora is None or not adapters.in_file(artifact.path):
            return self.moved(self._start.adopt(artifact.path), device)
        model = base_of(artifact, self._start.blank() if base is None else adapters.sharing(base))
        adapters.fill(model, artifact.path)
        return self.moved(model, device)
