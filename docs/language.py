"""Write the language page of the documentation from the example's own results.

`seedwise run examples/language.yaml --store runs/language`, then
`python docs/language.py runs/language`.
"""

import sys
from pathlib import Path

import pandas as pd

import seedwise as sw

METRICS = (
    "probability/forget",
    "probability/retain",
    "truth-ratio/forget",
    "rouge-l-recall/retain",
    "extraction-strength/forget",
    "mia-min-k",
    "model-utility",
    "forget-quality",
)
HEAD = """# Language models in numbers

Written from the records of `examples/language.yaml`: a Llama of 148 thousand parameters learns 40
generated authors by heart and forgets a tenth of them; I = {i} originals, J = {j} runs of each
method on each of them, {models} models.

A repetition on the same machine gives the same bits. Another processor, or another release of torch
or seedwise, may round otherwise, and training carries that on: expect the same picture, with values
that differ like those of other training seeds.

## Means over training seeds

| method | {metrics} |
|---|{rule}|
"""
MIDDLE = """
`forget-quality` is the p-value as published; its row of `retrain` is the floor, between two
retrained models. `forget-quality-ensemble`, which is calibrated, is at least 1 / (I + 1):

| method | forget-quality-ensemble |
|---|---:|
"""
SPREAD = """
## Where the spread comes from, and what is close

s_train and s_unlearn are the standard deviations between training seeds and between the unlearning
seeds of one original, ICC = s_train^2 / (s_train^2 + s_unlearn^2). `gap` is the typical distance of
an unlearned model from a retrained one, `floor` that between two retrained ones: a gap near its
floor is as close as a perfect unlearner comes. Without an interval, training seeds differed less
than chance lets them (`below_chance`), which by chance happens to a few of so many lines.

| method | metric | s_train | s_unlearn | ICC [95 %] | gap | floor |
|---|---|---:|---:|---:|---:|---:|
"""


def page(results: sw.Results) -> str:
    """Return the page as Markdown."""
    summary = results.summary()
    table, seeds = summary.set_index(["method", "metric"]), results.frame()
    methods = list(dict.fromkeys(summary["method"]))
    text = HEAD.format(
        i=seeds["training_seed"].nunique(),
        j=seeds["unlearning_seed"].nunique(),
        models=len(seeds[seeds["metric"] == "runtime"]),
        metrics=" | ".join(METRICS),
        rule="---:|" * (len(METRICS) - 1) + "---:",
    )
    for method in methods:
        text += f"| {method} | {' | '.join(mean(table, method, one) for one in METRICS)} |\n"
    text += MIDDLE
    for method in methods:
        if (method, "forget-quality-ensemble") in table.index:
            text += f"| {method} | {mean(table, method, 'forget-quality-ensemble')} |\n"
    close = results.closeness().set_index(["method", "metric"])
    known = summary[summary["icc"].notna() & (summary["metric"] != "runtime")]
    pairs = list(zip(known["method"], known["metric"], strict=True))
    return text + SPREAD + "".join(spread(table, close, *pair) for pair in pairs)


def mean(table: pd.DataFrame, method: str, metric: str) -> str:
    """Return a mean and its interval."""
    row = table.loc[(method, metric)]
    interval = f" [{row['ci_low']:.3f}, {row['ci_high']:.3f}]" if row["se"] > 0 else ""
    return f"{row['mean']:.3f}{interval}"


def spread(table: pd.DataFrame, close: pd.DataFrame, method: str, metric: str) -> str:
    """Return a line of components and of the distance to retrained models."""
    row = table.loc[(method, metric)]
    known = pd.notna(row["icc_low"])
    icc = f"{row['icc']:.2f}" + f" [{row['icc_low']:.2f}, {row['icc_high']:.2f}]" * known
    parts = f"{row['sd_train']:.4f} | {row['sd_unlearn']:.4f} | {icc}"
    return f"| {method} | {metric} | {parts} | {gaps(close, method, metric)} |\n"


def gaps(close: pd.DataFrame, method: str, metric: str) -> str:
    """Return gap and floor, of a metric of pairs its own value and that of `retrain`."""
    if (method, metric) not in close.index:
        return "- | -"
    row = close.loc[(method, metric)]
    return f"{row['typical_gap']:.4f} | {row['floor']:.4f}"


if __name__ == "__main__":
    results = sw.load(sys.argv[1])
    (Path(__file__).parent / "language.md").write_text(page(results), encoding="utf-8")
