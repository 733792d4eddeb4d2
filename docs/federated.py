"""Write the page on federated classification from two runs of its example.

`seedwise run examples/federated-digits.yaml --store runs/fixed` and
`seedwise run examples/federated-digits.yaml --store runs/following --set seeds.partition=8 \
--set seeds.training=1`, then `python docs/federated.py runs/fixed runs/following`.
"""

import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

import seedwise as sw

MEANS = (
    "accuracy/forget",
    "accuracy/retain",
    "accuracy/test",
    "client-accuracy/retain-worst",
    "mia-loss",
    "distance-to-reference",
)
COSTS = ("communication/MB", "communication/rounds", "history-size", "runtime")
SHARES = ("accuracy/forget", "accuracy/retain", "accuracy/test")
HEAD = """# Federated classification in numbers

Written from the records of `examples/federated-digits.yaml`: ten clients hold the handwritten
digits, few classes each (label-Dirichlet, alpha .5), and three of them are forgotten. I = {i}
originals, J = {j} runs of each method on each of them, {models} models. Learning to rank has
[a page of its own](federated-ranking.md), speed too: [federated_speed](federated_speed.md).

## Means over training seeds

| method | {names} |
|---|{rule}|
"""
COST_HEAD = """
`distance-to-reference` of `retrain` is its floor, the distance between two retrained models. What
making one model costs (of `original` and `retrain`: the training; of a method: what comes on top):

| method | {names} |
|---|{rule}|
"""
PARTITION = """
## Who holds what: fixed, or drawn anew with every training seed

The same study twice. First with one draw of who holds what, `seeds: {partition: 1, training: 8}`,
the default; then with one that follows the training seed, `seeds: {partition: 8, training: 1}`,
read as a tool writes it that seeds everything with one number. The ICC is the share of the variance
between runs that the training seed gets. In the second study the data, the forgotten examples and
the test set change with it, and the ICC speaks of these draws as much as of training.

| method | metric | sd training, fixed | sd unlearning | ICC [95 %] | sd training, following | \
sd unlearning | ICC [95 %] |
|---|---|---:|---:|---:|---:|---:|---:|
"""
ENDS = """
Original and retrained models have no unlearning seed, so no ICC; their spread shows the same:

| method | metric | sd, fixed | sd, following |
|---|---|---:|---:|
"""


def page(fixed: sw.Results, following: sw.Results) -> str:
    """Return the page as Markdown."""
    table, seeds = by_name(fixed), fixed.frame()
    methods = list(dict.fromkeys(fixed.summary()["method"]))
    text = HEAD.format(
        i=seeds["training_seed"].nunique(),
        j=seeds["unlearning_seed"].nunique(),
        models=len(seeds[seeds["metric"] == "runtime"]),
        names=" | ".join(MEANS),
        rule=_rule(MEANS),
    )
    text += "".join(_line(table, method, MEANS) for method in methods)
    text += COST_HEAD.format(names=" | ".join(COSTS), rule=_rule(COSTS))
    text += "".join(_line(table, method, COSTS) for method in methods)
    return text + _partitions(table, by_name(as_one_seed(following)), methods)


def by_name(results: sw.Results) -> pd.DataFrame:
    """Return the summary, one row a method and metric."""
    return results.summary().set_index(["method", "metric"])


def as_one_seed(results: sw.Results) -> sw.Results:
    """Return the results as a tool writes them that has no partition of its own."""
    frame = results.frame()
    tied = frame.assign(training_seed=frame["partition_seed"], partition_seed=0)
    return sw.Results.from_frame(tied)


def _rule(names: Sequence[str]) -> str:
    return "|".join(["---:"] * len(names))


def _line(table: pd.DataFrame, method: str, metrics: Sequence[str]) -> str:
    return f"| {method} | {' | '.join(_mean(table, method, one) for one in metrics)} |\n"


def _mean(table: pd.DataFrame, method: str, metric: str) -> str:
    """Return a mean and its interval."""
    if (method, metric) not in table.index or pd.isna(table.loc[(method, metric), "mean"]):
        return "–"
    row = table.loc[(method, metric)]
    if not row["se"] > 0:
        return f"{row['mean']:.3g}"
    return f"{row['mean']:.3f} [{row['ci_low']:.3f}, {row['ci_high']:.3f}]"


def _partitions(fixed: pd.DataFrame, following: pd.DataFrame, methods: Sequence[str]) -> str:
    lines, ends = [], []
    for method, metric in itertools.product(methods, SHARES):
        rows = [table.loc[(method, metric)] for table in (fixed, following)]
        if all(pd.notna(row["icc"]) for row in rows):
            lines.append(f"| {method} | {metric} | {' | '.join(_share(row) for row in rows)} |\n")
        elif method in ("original", "retrain"):
            each = " | ".join(f"{row['sd_total']:.4f}" for row in rows)
            ends.append(f"| {method} | {metric} | {each} |\n")
    return PARTITION + "".join(lines) + ENDS + "".join(ends)


def _share(row: pd.Series) -> str:
    icc = f"{row['icc']:.2f} [{row['icc_low']:.2f}, {row['icc_high']:.2f}]"
    return f"{row['sd_train']:.4f} | {row['sd_unlearn']:.4f} | {icc}"


if __name__ == "__main__":
    stores = [sw.load(store) for store in sys.argv[1:3]]
    (Path(__file__).parent / "federated.md").write_text(page(*stores), encoding="utf-8")
