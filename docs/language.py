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
## Where the spread comes from

| method | metric | sd between training seeds | sd between unlearning seeds | ICC [95 %] |
|---|---|---:|---:|---:|
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
    return text + SPREAD + "".join(spread(table, m, one) for m in methods for one in METRICS)


def mean(table: pd.DataFrame, method: str, metric: str) -> str:
    """Return a mean and its interval."""
    row = table.loc[(method, metric)]
    interval = f" [{row['ci_low']:.3f}, {row['ci_high']:.3f}]" if row["se"] > 0 else ""
    return f"{row['mean']:.3f}{interval}"


def spread(table: pd.DataFrame, method: str, metric: str) -> str:
    """Return a line of components, none for what has no unlearning seeds."""
    row = table.loc[(method, metric)]
    if pd.isna(row["icc"]):
        return ""
    icc = f"{row['icc']:.2f} [{row['icc_low']:.2f}, {row['icc_high']:.2f}]"
    return f"| {method} | {metric} | {row['sd_train']:.4f} | {row['sd_unlearn']:.4f} | {icc} |\n"


if __name__ == "__main__":
    results = sw.load(sys.argv[1])
    (Path(__file__).parent / "language.md").write_text(page(results), encoding="utf-8")
