"""What language models cost beside bare PyTorch loops that take the same steps, in the same run.

    python benchmarks/language_speed.py
    python benchmarks/language_speed.py --write docs/language-models.md

The example's default task: a Llama of 148 thousand parameters and 400 questions. `training` is one
original, `unlearning` one run of npo (its frozen losses and its copy included), `evaluation` the
loss and the greedy answer of every question of forget, retain and test. The bare loops are given
the token tensors, the orders and the models; they use torch.optim, compute logits at the answers'
tokens alone as seedwise does, and generate with `transformers`. That both did the same is checked:
their losses agree. Times are CPU seconds of one process with one thread; the two sides take turns,
and medians of the rounds are shown.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402 (one thread must be asked for before torch is loaded)
import torch  # noqa: E402
from torch.nn import functional  # noqa: E402

from seedwise.contracts import Context, ForgetSet, Part, Task  # noqa: E402
from seedwise.domains.language import language  # noqa: E402
from seedwise.registry import methods  # noqa: E402
from seedwise.seeds import SeedStreams  # noqa: E402

MARKS = "<!-- speed: begin -->", "<!-- speed: end -->"
IGNORED, CHUNK = -100, 64
NPO = {"lr": 1e-3, "batch_size": 20, "epochs": 10}
SPLITS = ("forget", "retain", "test")


class Timed(NamedTuple):
    """CPU seconds of both sides for the same work, and its tokens."""

    what: str
    mine: float
    bare: float
    tokens: int


class Bare:
    """What a person would write: loops over tensors.

    Args:
        problem: Where the tensors and the true answers come from.
        epochs: Passes of the training.
    """

    def __init__(self, problem: Any, epochs: int) -> None:
        self.problem, self.epochs = problem, epochs
        self.splits = {name: next(problem.batches(name, None)) for name in ("train", *SPLITS)}

    def rows(self, split: str, order: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return inputs and targets of some examples, as long as the longest of them."""
        inputs, targets = self.splits[split].inputs[order], self.splits[split].targets[order]
        longest = int((targets != IGNORED).int().cumsum(1).argmax(1).max()) + 1
        return inputs[:, :longest], targets[:, :longest]

    def losses(self, model: Any, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Return the mean loss of each answer's tokens."""
        mask = targets != IGNORED
        logits = model.lm_head(model.model(inputs).last_hidden_state[mask])
        each = functional.cross_entropy(logits, targets[mask], reduction="none")
        return torch.zeros(mask.shape).masked_scatter(mask, each).sum(1) / mask.sum(1)

    def orders(self, split: str, streams: SeedStreams, purpose: str, size: int) -> Iterator[Any]:
        """Yield batches without end, every pass in an order of its own."""
        for turn in range(10**9):
            count = len(self.splits[split].inputs)
            order = streams.generator(purpose, turn).permutation(count)
            yield from torch.from_numpy(order).split(size)

    def train(self, model: Any, streams: SeedStreams, recipe: Any) -> Any:
        """Train like an original."""
        steps = recipe.epochs * -(-len(self.splits["train"].inputs) // recipe.batch_size)
        descent = torch.optim.AdamW(
            model.parameters(), lr=recipe.lr, betas=(0.9, recipe.beta2), weight_decay=0.0
        )
        decay = torch.optim.lr_scheduler.CosineAnnealingLR(descent, steps)
        batches = self.orders("train", streams, "order", recipe.batch_size)
        for _ in range(steps):
            loss = self.losses(model, *self.rows("train", next(batches))).mean()
            descent.zero_grad()
            loss.backward()
            descent.step()
            decay.step()
        return model

    def npo(self, model: Any, original: Any, streams: SeedStreams) -> Any:
        """Unlearn by negative preference optimisation with the retain set beside it."""
        size, beta = NPO["batch_size"], 0.1
        counts = (self.splits["forget"].targets != IGNORED).sum(1)
        with torch.no_grad():
            every = torch.arange(len(counts))
            before = self.losses(original, *self.rows("forget", every)) * counts
        descent = torch.optim.AdamW(model.parameters(), lr=NPO["lr"], weight_decay=0.0)
        forget = self.orders("forget", streams, "order", size)
        retain = self.orders("retain", streams, "order/retain", size)
        for _ in range(NPO["epochs"] * -(-len(counts) // size)):
            some = next(forget)
            gap = self.losses(model, *self.rows("forget", some)) * counts[some] - before[some]
            kept = self.losses(model, *self.rows("retain", next(retain))).mean()
            loss = functional.logsigmoid(beta * gap).mean() * (-2 / beta) + kept
            descent.zero_grad()
            loss.backward()
            descent.step()
        return model

    def evaluate(self, model: Any) -> dict[str, np.ndarray]:
        """Return the losses, having generated every answer."""
        found = {}
        with torch.inference_mode():
            for split in SPLITS:
                every = torch.arange(len(self.splits[split].inputs))
                parts = [self.losses(model, *self.rows(split, p)) for p in every.split(CHUNK)]
                found[split] = torch.cat(parts).numpy()
                self.generate(model, split)
        return found

    def generate(self, model: Any, split: str) -> None:
        """Generate greedily, prompts of one length together."""
        chosen = self.problem._split(split)
        encoded = [chosen.codec.encode(one, one.answer) for one in chosen.records]
        most = max(len(one.answer) for one in encoded)
        by_length: dict[int, list[list[int]]] = {}
        for one in encoded:
            by_length.setdefault(len(one.prompt), []).append(one.prompt)
        for prompts in by_length.values():
            for begin in range(0, len(prompts), CHUNK):
                asked = torch.tensor(prompts[begin : begin + CHUNK])
                model.generate(
                    asked,
                    attention_mask=torch.ones_like(asked),
                    max_new_tokens=most,
                    do_sample=False,
                    pad_token_id=chosen.codec.end,
                )


def tokens(problem: Any, split: str) -> int:
    """Return the tokens of a split that enter a model, padding left out."""
    chosen = problem._split(split)
    encoded = [chosen.codec.encode(one, one.answer) for one in chosen.records]
    return sum(len(one.prompt) + len(one.answer) - 1 for one in encoded)


def both(mine: Callable[[], Any], bare: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Return the median CPU seconds of two works that take turns."""
    found: list[list[float]] = [[], []]
    for turn in range(rounds):
        for side in (0, 1) if turn % 2 else (1, 0):
            begin = time.process_time()
            (mine, bare)[side]()
            found[side].append(time.process_time() - begin)
    return float(np.median(found[0])), float(np.median(found[1]))


def timed(rounds: int, epochs: int) -> Iterator[Timed]:
    """Yield all timings, once both sides are seen to do the same."""
    task = Task("language", Part("fictional-authors"), Part("llama"), {"epochs": epochs})
    problem = language.problem(task, ForgetSet("authors", 0.1), SeedStreams("data"))
    bare, streams = Bare(problem, epochs), SeedStreams("train", training=0)
    recipe = language.recipe(epochs=epochs)

    def train_mine() -> Any:
        return next(problem.train("train", [streams], Context())).model

    def train_bare() -> Any:
        model = problem._start.blank()
        problem._start.initialise(model, streams.generator("init"))
        return bare.train(model.train(), streams, recipe).eval()

    original, other = train_mine(), train_bare()
    same(problem, original, other)
    passed = epochs * tokens(problem, "train")
    yield Timed("training", *both(train_mine, train_bare, rounds), passed)

    view = problem.view(methods["npo"].splits)
    seeds = SeedStreams("method/npo", training=0, unlearning=0)

    def npo_mine() -> Any:
        return methods["npo"].function(original, view, {}, seeds, Context(), **NPO)

    def npo_bare() -> Any:
        return bare.npo(problem.copy(original).train(), original, seeds).eval()

    unlearned = npo_mine()
    same(problem, unlearned, npo_bare())
    passed = 2 * NPO["epochs"] * tokens(problem, "forget")
    yield Timed("unlearning", *both(npo_mine, npo_bare, rounds), passed)

    def evaluate_mine() -> Any:
        columns = ["loss", "rouge-recall"]
        return {split: problem.outputs(unlearned, split, columns)["loss"] for split in SPLITS}

    for split, found in evaluate_mine().items():
        np.testing.assert_allclose(found, bare.evaluate(unlearned)[split], atol=1e-4)
    passed = sum(tokens(problem, split) for split in SPLITS)
    yield Timed(
        "evaluation", *both(evaluate_mine, lambda: bare.evaluate(unlearned), rounds), passed
    )


def same(problem: Any, one: Any, other: Any) -> None:
    """Refuse to compare two models whose losses differ."""
    for split in SPLITS:
        losses = [problem.outputs(model, split, ["loss"])["loss"].mean() for model in (one, other)]
        np.testing.assert_allclose(*losses, rtol=0.1, atol=0.01)


def page(rows: list[Timed]) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"Measured by `python benchmarks/language_speed.py` on one thread of {machine()}:",
        "",
        "| work | seedwise, CPU s | bare PyTorch, CPU s | ratio | seedwise, tokens / s |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.what} | {row.mine:.3g} | {row.bare:.3g} | {row.mine / row.bare:.2f} | "
        f"{row.tokens / row.mine:,.0f} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """Return what ran this."""
    import transformers

    info = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", info.read_text()) if info.exists() else []
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}"
    return f"{names[0] if names else platform.processor()} ({versions})"


def main() -> None:
    """Print the figures, and put them into a page when asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often each side runs")
    parser.add_argument("--epochs", type=int, default=50, help="passes of the training")
    parser.add_argument("--write", type=Path, help="page with the two marks to write between")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    said = page(list(timed(asked.rounds, asked.epochs)))
    print(said)
    if asked.write:
        text = asked.write.read_text(encoding="utf-8")
        head, _, rest = text.partition(MARKS[0])
        tail = rest.partition(MARKS[1])[2]
        written = f"{head}{MARKS[0]}\n{said}{MARKS[1]}{tail}"
        asked.write.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
