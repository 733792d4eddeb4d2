"""Write the page on federated learning to rank from two runs of its example.

`seedwise run examples/federated-ranking.yaml --store runs/fixed` and
`seedwise run examples/federated-ranking.yaml --store runs/following --set seeds.partition=8 \
--set seeds.training=1`, then `python docs/federated_ranking.py runs/fixed runs/following`.
"""

import itertools
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import seedwise as sw
from seedwise.domains.federated.ranking.datasets import lambdarank
from seedwise.ranking_quality import PADDING, Convention, ndcg
from seedwise.seeds import SeedStreams

MEANS = (
    "ndcg/forget",
    "ndcg/retain",
    "client-ndcg/retain-worst",
    "ndcg/test",
    "mrr/test",
    "distance-to-reference",
)
COSTS = ("communication/MB", "communication/rounds", "history-size", "online-ndcg")
SHARES = ("ndcg/forget", "ndcg/retain", "ndcg/test")

HEAD = """# Federated learning to rank in numbers

Written from the records of `examples/federated-ranking.yaml`. Ten clients share the 201 training
queries of LightGBM's lambdarank example; a linear ranker learns by PDGD from simulated clicks. The
users of three clients click on what is irrelevant, and these three are forgotten. I = {i}
originals, J = {j} runs of each method on each of them, {models} models.

LETOR, MSLR-WEB and Istella files are read from a folder instead by
`dataset: {{name: letor, path: MQ2008/Fold1}}`.

All that needs no labels runs on rankers as it does on classifiers. `kd` distils the original's
scores over the documents of the retained clients' queries (ListNet's cross-entropy). `fed-osd`
descends a cross-entropy of labels, which clients that learn from clicks do not have;
`fed-osd-clicks` takes what PDGD learns from clicks in its place, and draws users anew, so that it
is not deterministic. `mia-loss` runs but attacks little here: its loss is of labels, and no ranker
was trained on any.

## Means over training seeds

nDCG@10 with gain 2^label - 1; MRR@10 of the labels 3 and 4; queries without a relevant document are
skipped. The distance of `retrain` is its floor, between two retrained models.

| method | {names} |
|---|{rule}|
"""
COST_HEAD = """
What it costs: MB sent, rounds, MB of history that training keeps or a method reads, and what users
saw meanwhile (a discounted sum over rounds, so more rounds see more):

| method | {names} |
|---|{rule}|
"""
PARTITION = """
## Who holds which query: fixed, or drawn anew with every training seed

The same study twice. First with one draw of the partition, `seeds: {partition: 1, training: 8}`,
the default; then with one that follows the training seed, `seeds: {partition: 8, training: 1}`, and
is not told apart from it, as in a tool that seeds everything with one number. The ICC is the share
of the variance between runs that the training seed gets.

| method | metric | sd training | sd unlearning | ICC, fixed [95 %] | sd training, following | \
sd unlearning | ICC, following [95 %] |
|---|---|---:|---:|---:|---:|---:|---:|
"""
REFERENCE = """
Retraining has no unlearning seed, so no ICC; its spread shows the same:

| metric | sd of retrain and its mean, fixed | following |
|---|---:|---:|
"""
CONVENTIONS = """
## One ranking, many values of nDCG

The training queries in the order of their file, under the conventions in use ({empty} of {queries}
queries have no relevant document; ties do not occur):

| k | gain | skip | 0 | 1 |
|---:|---|---:|---:|---:|
"""


def page(fixed: sw.Results, following: sw.Results) -> str:
    """Return the page as Markdown."""
    table, seeds = _by_name(fixed), fixed.frame()
    methods = list(dict.fromkeys(fixed.summary()["method"]))
    text = HEAD.format(
        i=seeds["training_seed"].nunique(),
        j=seeds["unlearning_seed"].nunique(),
        models=len(seeds[seeds["metric"] == "runtime"]),
        names=" | ".join(MEANS),
        rule=_rule(len(MEANS)),
    )
    text += "".join(_line(table, method, MEANS) for method in methods)
    text += COST_HEAD.format(names=" | ".join(COSTS), rule=_rule(len(COSTS)))
    text += "".join(_line(table, method, COSTS) for method in methods)
    return text + _partitions(table, _by_name(_as_one_seed(following)), methods) + _conventions()


def _by_name(results: sw.Results) -> pd.DataFrame:
    return results.summary().set_index(["method", "metric"])


def _as_one_seed(results: sw.Results) -> sw.Results:
    """Return the results as a tool writes them that has no partition of its own."""
    frame = results.frame()
    return sw.Results.from_frame(
        frame.assign(training_seed=frame["partition_seed"], partition_seed=0)
    )


def _rule(columns: int) -> str:
    return "|".join(["---:"] * columns)


def _line(table: pd.DataFrame, method: str, metrics: tuple[str, ...]) -> str:
    return f"| {method} | {' | '.join(_mean(table, method, one) for one in metrics)} |\n"


def _mean(table: pd.DataFrame, method: str, metric: str) -> str:
    if (method, metric) not in table.index or pd.isna(table.loc[(method, metric), "mean"]):
        return "–"
    row = table.loc[(method, metric)]
    digits = ".3f" if abs(row["mean"]) < 1000 else ",.0f"
    interval = f" [{row['ci_low']:{digits}}, {row['ci_high']:{digits}}]" if row["se"] > 0 else ""
    return f"{row['mean']:{digits}}{interval}"


def _partitions(fixed: pd.DataFrame, following: pd.DataFrame, methods: list[str]) -> str:
    text = PARTITION
    for method, metric in itertools.product(methods, SHARES):
        rows = [table.loc[(method, metric)] for table in (fixed, following)]
        if all(pd.notna(row["icc_low"]) for row in rows):
            text += f"| {method} | {metric} | {' | '.join(_share(row) for row in rows)} |\n"
    text += REFERENCE
    for metric in SHARES:
        rows = [table.loc[("retrain", metric)] for table in (fixed, following)]
        each = (f"{row['sd_total']:.4f} ({row['mean']:.3f})" for row in rows)
        text += f"| {metric} | {' | '.join(each)} |\n"
    return text


def _share(row: pd.Series) -> str:
    icc = f"{row['icc']:.2f} [{row['icc_low']:.2f}, {row['icc_high']:.2f}]"
    return f"{row['sd_train']:.4f} | {row['sd_unlearn']:.4f} | {icc}"


def _conventions() -> str:
    queries = lambdarank(SeedStreams("data")).train
    sizes = np.diff(queries.offsets)
    there = np.arange(sizes.max()) < sizes[:, None]
    labels = np.full(there.shape, PADDING)
    labels[there] = queries.labels
    scores = np.broadcast_to(-np.arange(sizes.max(), dtype=float), there.shape)
    empty = int((queries.most_relevant() == 0).sum())
    text = CONVENTIONS.format(empty=empty, queries=len(queries))
    for k, gain in itertools.product((3, 10, None), ("linear", "exponential")):
        values = (
            np.nanmean(ndcg(scores, labels, Convention(k, gain, said))) for said in ("skip", 0, 1)
        )
        text += f"| {k or 'all'} | {gain} | {' | '.join(f'{value:.3f}' for value in values)} |\n"
    return text


if __name__ == "__main__":
    stores = [sw.load(store) for store in sys.argv[1:3]]
    (Path(__file__).parent / "federated-ranking.md").write_text(page(*stores), encoding="utf-8")
