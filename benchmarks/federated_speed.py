"""Rounds a second of federated averaging: one client after the other, vmapped, and many seeds.

    python benchmarks/federated_speed.py --write docs/federated_speed.md

Ten clients share the handwritten digits; a multilayer perceptron of 64 hidden units makes one
local epoch of batches of 32 a round. A linear ranker makes five interactions a client and round on
LightGBM's lambdarank example. Also: one cell of a study, with its record, hash and weights on disk,
beside the same training as a bare torch loop (`bare_loops.py`); the two are timed in turn, and the
fastest of each counts, as neighbours on the machine only add.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import bare_loops
import torch
from torch import nn

from seedwise.contracts import Context, ForgetSet, Part, Task
from seedwise.domains.federated import federated
from seedwise.domains.federated.ranking import federated_ranking
from seedwise.domains.federated.ranking.datasets import lambdarank
from seedwise.domains.federated.ranking.splits import Lists
from seedwise.engine.cells import make
from seedwise.engine.resolve import resolve
from seedwise.engine.workbench import Workbench
from seedwise.seeds import SeedStreams
from seedwise.store import FileStore
from seedwise.study.load import load

CLIENTS, ROUNDS, LR, BATCH = 10, 20, 0.1, 32
DIGITS = f"""study: speed
task:
  domain: federated
  dataset: digits
  model: {{name: mlp, hidden: [64]}}
  train: {{clients: {CLIENTS}, rounds: {ROUNDS}, lr: {LR}, batch_size: {BATCH}}}
forget: {{clients: [0]}}
methods: [original]
metrics: [accuracy]
seeds: {{training: 1}}
"""
RANKING = f"""study: speed
task:
  domain: federated-ranking
  dataset: lambdarank
  model: linear-ranker
  train: {{clients: {CLIENTS}, rounds: {ROUNDS}, lr: {LR}}}
forget: {{clients: [0]}}
methods: [original]
metrics: [ndcg]
seeds: {{training: 1}}
"""


def classifiers(backend: str):
    """Return the problem of a backend."""
    recipe = {"clients": CLIENTS, "rounds": ROUNDS, "lr": LR, "batch_size": BATCH}
    task = Task(
        "federated", Part("digits"), Part("mlp", {"hidden": [64]}), {**recipe, "backend": backend}
    )
    return federated.problem(task, ForgetSet("clients", [0]), SeedStreams("data"))


def rankers():
    """Return the problem of learning to rank."""
    recipe = {"clients": CLIENTS, "rounds": ROUNDS}
    task = Task("federated-ranking", Part("lambdarank"), Part("linear-ranker"), recipe)
    return federated_ranking.problem(task, ForgetSet("clients", [0]), SeedStreams("data"))


def seconds(call: Callable[[], object]) -> float:
    """Return the CPU seconds of a call, which runs in one thread."""
    begin = time.process_time()
    call()
    return time.process_time() - begin


def rates(repeats: int) -> Iterator[tuple[str, int, float]]:
    """Yield how, seeds in one run, and rounds a second summed over the seeds (fastest)."""
    for name, made, sizes in (
        ("digits, clients one after the other", classifiers("loop"), (1,)),
        ("digits, clients all at once (vmapped)", classifiers("vmapped"), (1, 16, 64)),
        ("ranking, clients all at once", rankers(), (1, 16, 64)),
    ):
        for size in sizes:
            streams = [SeedStreams("train", 0, seed) for seed in range(size)]
            _train(made, streams[:1])  # warm
            taken = min(seconds(partial(_train, made, streams)) for _ in range(repeats))
            yield name, size, size * ROUNDS / taken


def _train(made, streams: list[SeedStreams]) -> None:
    list(made.train("train", streams, Context()))


def cell_seconds(study: str, folder: Path) -> float:
    """Return the seconds of a study's first cell with all that the engine does around it."""
    path = folder / "study.yaml"
    path.write_text(study)
    store = FileStore(folder / "runs", create=True)
    bench = Workbench(resolve(load(path, ()), path, store), store, "cpu")
    (cell,) = (one for one in bench.design.cells.values() if one.stage == "train")
    bench.ready(cell)
    return seconds(lambda: make(bench, cell, lambda share: None))


def bare_digits() -> Callable[[], object]:
    """Return the loop that does what a cell of `DIGITS` does."""
    made = classifiers("loop")
    data = []
    for client in made.clients:
        (batch,) = made.batches(made.client_split(client), None)
        data.append((batch.inputs, batch.targets))
    return lambda: bare_loops.digits(data, ROUNDS, LR, BATCH)


def bare_ranking() -> Callable[[], object]:
    """Return the loop that does what a cell of `RANKING` does."""
    made = rankers()
    held = [torch.from_numpy(made.index(made.client_split(client))) for client in made.clients]
    queries = nn.utils.rnn.pad_sequence(held, batch_first=True)
    lists = Lists(lambdarank(SeedStreams("data")).train)
    sizes = torch.tensor([len(one) for one in held])
    return lambda: bare_loops.ranking(lists, queries, sizes, ROUNDS, made.work.amount, LR)


def overhead(study: str, bare: Callable[[], object], repeats: int) -> float:
    """Return the time of the fastest cell to that of the fastest bare loop, run in turn."""
    cells, loops = [], []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            cells.append(cell_seconds(study, Path(folder)))
        loops.append(seconds(bare))
    return min(cells) / min(loops)


def page(repeats: int) -> str:
    """Return the table as Markdown."""
    lines = [
        "# How fast federated averaging is",
        "",
        f"Written by `benchmarks/federated_speed.py`: {CLIENTS} clients, handwritten digits, 64 "
        "hidden units, one local epoch a round; CPU seconds of one thread, "
        f"torch {torch.__version__}, {platform.machine()}, fastest of {repeats}.",
        "",
        "| | seeds in one run | rounds a CPU second, summed over seeds |",
        "|---|---:|---:|",
    ]
    lines += [f"| {name} | {size} | {rate:.0f} |" for name, size, rate in rates(repeats)]
    of_digits = overhead(DIGITS, bare_digits(), 4 * repeats)
    of_ranking = overhead(RANKING, bare_ranking(), 4 * repeats)
    lines += [
        "",
        f"One cell of a study takes {of_digits:.2f} times a bare torch loop on digits, "
        f"{of_ranking:.2f} times one that learns to rank (`benchmarks/bare_loops.py`).",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    text = page(chosen.repeats)
    print(text)
    if chosen.write:
        chosen.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
