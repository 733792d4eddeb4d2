"""Training seeds under which a method has no run with a value: they are said by name."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from seedwise.results.tidy import REFERENCE

_MOST = 5
"""Seeds named at most."""


def seeds_without_runs(table: pd.DataFrame) -> tuple[str, ...]:
    """Return a sentence for each method that lacks training seeds other methods of its task have.

    References are models of their own and are not asked for.

    Args:
        table: A table with the columns `method`, `training_seed` and `value`, perhaps `task`,
            `partition_seed` and `status`.

    Example:
        >>> rows = [("a", 0, 0.5), ("a", 1, 0.6), ("b", 0, 0.4), ("b", 1, None)]
        >>> seeds_without_runs(pd.DataFrame(rows, columns=["method", "training_seed", "value"]))
        ('b: no run of training seed 1 has a value; its numbers rest on 1 of 2 trained models',)
    """
    given = [name for name in ("partition_seed", "training_seed") if name in table.columns]
    own = table[table["method"] != REFERENCE].astype(dict.fromkeys(given, object))
    has_value = own["value"].notna()
    if "status" in own.columns:
        has_value &= own["status"].fillna("ok") == "ok"
    tasks = own["task"].fillna("") if "task" in own.columns else pd.Series("", index=own.index)
    label = own[given[-1]].astype(str)
    if len(given) > 1:
        label = label.where(own[given[0]].isna(), own[given[0]].astype(str) + "/" + label)
    cells = pd.DataFrame(
        {"task": tasks, "method": own["method"].astype(str), "seed": label, "has": has_value}
    )
    found = cells.groupby(["task", "method", "seed"], sort=False)["has"].any().reset_index()
    return tuple(sentence for _, one in found.groupby("task", sort=False) for sentence in _of(one))


def _of(task: pd.DataFrame) -> Iterator[str]:
    wanted = list(dict.fromkeys(task["seed"]))
    name = f" ({task['task'].iloc[0]})" if task["task"].iloc[0] else ""
    for method, own in task[task["has"]].groupby("method", sort=False):
        have = set(own["seed"])
        lost = [seed for seed in wanted if seed not in have]
        if lost:
            more = f" and {len(lost) - _MOST} more" if len(lost) > _MOST else ""
            yield (
                f"{method}{name}: no run of training seed {', '.join(lost[:_MOST])}{more} has a "
                f"value; its numbers rest on {len(have)} of {len(wanted)} trained models"
            )
