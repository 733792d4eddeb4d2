"""The page of the coverage study."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

SELDOM = 0.1
"""Cells in which an interval is given less often than this are not judged."""

INTRODUCTION = """\
# How often the intervals cover

Written by `python benchmarks/coverage.py --write docs/coverage.md`: {replications:,} simulated
studies in each of {cells} cells, I in {training} training seeds, J in {unlearning} unlearning
seeds, share of the training seed rho in {shares}, and four populations of
effects: normal; an exponential (skewness 2); a ceiling (bounded above, skewness -1.6); two
regimes (one effect in ten is far off). Nominal coverage is .95; the simulation error of one cell
is about {error:.3f}.

An interval that seedwise does not give (too few training seeds, no spread) counts neither way;
`given` says how often there is one. Widths are medians; the variance of a run is 1.
"""

SHORT = """\
## All defaults, and the usual practice

Least, median and greatest coverage over the cells with an interval in at least one study in ten.
"""

MEAN = """\
## The mean: coverage by design

`t over training seeds` is the default. The other two take the runs for independent: all runs
pooled, or the runs of one trained model. Means over the normal cells of each I, J and rho.
"""

WIDTH = """\
## The mean: median width by design

Narrower is not better where the coverage above is far from .95.
"""

SKEWED = """\
## The mean when effects are skewed or bounded

Coverage at J = 3. This is what `near_bound` warns of: more training seeds help, more unlearning
seeds do not. On request beside the default (`--show robust`): the studentised cluster bootstrap
(8 training seeds and more), and Gaffke's bound where both bounds of the metric are declared; 500
replications each.
"""

SKEWED_WIDTH = """\
Their median widths:
"""

LIMITS = """\
## Variances and the share of the training seed

Normal theory where the table says so: by population, over all cells with rho between .1 and .9.
"""


RANKS = """\
## Ranks

Five methods on shared trained models, J = 3; true means in standard deviations of a run: all
alike; one ahead by .5; evenly spaced by .25. Half the variance of a run is the training seed's,
half of that shared by the methods. A rank set covers when the sets of all methods hold all their
true ranks, ties included; `size` is the mean number of ranks in a set, of 5. Beside it how often
some method has P(best) >= .95 in a bootstrap of training seeds, and how often this method is then
truly the only best one: a description of the sample, no evidence (half of the replications).
"""

OUTER = """\
## Partitions, forget sets, shared unlearning seeds

Normal effects; `rho` is here the share of the outer factor in the variance of a run. P counts data
partitions with I trained models each, forget sets that share the same I trained models, or
unlearning seeds that are the same for all of them. `random`: the interval is to hold for other
partitions or forget sets, `fixed` for these; `training seeds pooled` and `taken for nested` are
what one gets by ignoring the factor. A quarter of the replications.
"""


def page(everything: pd.DataFrame) -> str:
    """Return the page as Markdown."""
    has_outer, has_ranks = everything["outer"].notna(), everything["contest"].notna()
    found = everything[~has_outer & ~has_ranks].astype({"unlearning": int})
    cells = found.drop_duplicates(["population", "training", "unlearning", "share"])
    replications = int(found["replications"].iloc[0])
    introduction = INTRODUCTION.format(
        replications=replications,
        cells=len(cells),
        training=_set(cells["training"]),
        unlearning=_set(cells["unlearning"]),
        shares=_set(cells["share"]),
        error=(0.95 * 0.05 / replications) ** 0.5,
    )
    parts = [introduction, SHORT, _overview(found), MEAN, _by_design(found, "coverage")]
    parts += [WIDTH, _by_design(found, "width"), SKEWED, _skewed(found, "coverage")]
    parts += [SKEWED_WIDTH, _skewed(found, "width"), LIMITS, _variances(found)]
    parts += [RANKS, _ranks(everything[has_ranks]), OUTER, _outer(everything[has_outer])]
    return "\n".join(parts)


def _outer(found: pd.DataFrame) -> str:
    wide = found.assign(outer=found["outer"].astype(int), training=found["training"].astype(int))
    return _pivot(wide, ["design", "quantity", "outer", "training"])


def _set(column: pd.Series) -> str:
    return "{" + ", ".join(f"{entry:g}" for entry in sorted(column.unique())) + "}"


def _overview(found: pd.DataFrame) -> str:
    rows = []
    for (quantity, population), own in found.groupby(["quantity", "population"], sort=False):
        used = own[own["given"] > SELDOM]
        if used.empty:
            continue
        ends = [used["coverage"].quantile(q) for q in (0, 0.5, 1)]
        rows.append((quantity, population, *map(_share, ends), _width(used["width"].median())))
    head = ("interval", "population", "least", "median", "greatest", "median width")
    return _markdown(head, rows)


def _by_design(found: pd.DataFrame, values: str) -> str:
    names = {
        "mean": "t over training seeds",
        "practice: pooled runs": "pooled",
        "practice: one training seed": "one training seed",
    }
    chosen = found["quantity"].isin(list(names)) & (found["population"] == "normal")
    table = found[chosen & (found["given"] > SELDOM)]
    named = table.assign(interval=table["quantity"].map(names))
    return _pivot(named, ["interval", "training", "unlearning"], values)


def _skewed(found: pd.DataFrame, values: str) -> str:
    names = {
        "mean": "t over training seeds",
        "mean, bootstrap-t": "bootstrap-t",
        "mean, Gaffke bound": "Gaffke bound",
    }
    chosen = found["quantity"].isin(list(names)) & (found["population"] != "normal")
    table = found[chosen & (found["unlearning"] == 3) & (found["given"] > SELDOM)]
    named = table.assign(interval=table["quantity"].map(names)).sort_values(
        ["population", "training"], kind="stable"
    )
    return _pivot(named, ["population", "training", "interval"], values)


def _ranks(found: pd.DataFrame) -> str:
    keys = ["contest", "population", "training"]
    rows = []
    for key, own in found.groupby(keys, sort=False):
        lines = own.set_index("quantity")
        sets, share = lines.loc["rank sets"], lines.loc["P(best) >= .95"]
        claims = (_share(share["given"]), _share(share["coverage"]))
        rows.append((*key, _share(sets["coverage"]), _width(sets["width"]), *claims))
    head = ("contest", "population", "I", "rank sets cover", "size")
    return _markdown((*head, "P(best) >= .95", "then right"), rows)


def _variances(found: pd.DataFrame) -> str:
    names = ["training variance", "unlearning variance", "share of the training seed"]
    chosen = found["quantity"].isin(names) & found["share"].between(0.1, 0.9)
    table = found[chosen & (found["given"] > SELDOM)]
    groups = table.groupby(["quantity", "population", "training"], sort=False)
    rows = [
        (*key, *map(_share, (own["given"].mean(), own["coverage"].min(), own["coverage"].mean())))
        for key, own in groups
    ]
    head = ("interval", "population", "I", "given", "least coverage", "mean coverage")
    return _markdown(head, rows)


def _pivot(table: pd.DataFrame, index: list[str], values: str = "coverage") -> str:
    wide = table.pivot_table(index=index, columns="share", values=values, sort=False)
    shares = sorted(wide.columns)
    write = _share if values == "coverage" else _width
    named = {"training": "I", "unlearning": "J", "outer": "P", "quantity": "analysis"}
    head = [named.get(name, name) for name in index] + [f"rho = {share:g}" for share in shares]
    rows = [[*key, *(write(row[share]) for share in shares)] for key, row in wide.iterrows()]
    return _markdown(head, rows)


def _share(value: float) -> str:
    return "-" if value != value else f"{value:.3f}".replace("0.", ".", 1)


def _width(value: float) -> str:
    return "-" if value != value else f"{value:.2f}"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(map(str, row))} |" for row in (head, *rows)]
    return "\n".join([lines[0], f"|{'---|' * len(head)}", *lines[1:]]) + "\n"
