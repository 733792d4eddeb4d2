"""The forms a foreign table may have: one metric a column, one seed column, percentages."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from seedwise.errors import TableError, did_you_mean
from seedwise.results.tidy import BASELINES, KEY, ORIGINAL, REFERENCE, Spec, base_name

OneSeed = Literal["training", "unlearning", "both"]
ONE_SEED: tuple[OneSeed, ...] = get_args(OneSeed)

TRAINING, UNLEARNING = "training_seed", "unlearning_seed"

_LIKE_RETRAINING = ("retrain", "scratch", "gold", "exact", "oracle")
"""How names of the reference begin in published tables."""

_CLAIMS = {
    "training": "every number is a trained model, rows that share it are unlearning runs of it:\n"
    "claims hold for newly trained models; with one run each, two variances are one sum",
    "unlearning": "all rows start from ONE trained model:\n"
    "claims hold given this model; nothing is said about other trained models",
    "both": "one number seeded the training and the unlearning of a row (J = 1):\n"
    "claims hold for newly trained and unlearned models; the two variances are one sum",
}


@dataclass(frozen=True)
class Form:
    """How a table made elsewhere is written.

    Args:
        columns: Their names of columns by ours, where they differ.
        wide: Columns that hold one metric each (then there is no `metric` and no `value`).
        seed: What the only seed column numbers; None if there are two.
        retrain: What the table calls the reference.
        original: What the table calls the trained model before unlearning.
        percent: Shares are written as percentages.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    wide: Sequence[str] = ()
    seed: OneSeed | None = None
    retrain: str | None = None
    original: str | None = None
    percent: bool = False


class Noted(NamedTuple):
    """A table, and sentences on what was done to it."""

    frame: pd.DataFrame
    notes: tuple[str, ...]


def long(frame: pd.DataFrame, wide: Sequence[str], source: str) -> pd.DataFrame:
    """Turn columns with one metric each into rows; the index goes on naming the rows.

    Args:
        frame: The table.
        wide: The columns.
        source: What the table is called.

    Raises:
        TableError: If such a column does not exist, or the table has metric and value already.

    Example:
        >>> frame = pd.DataFrame({"method": ["ssd"], "acc": [0.9], "mia": [0.5]})
        >>> long(frame, ["acc", "mia"], "t.csv")[["method", "metric", "value"]].values.tolist()
        [['ssd', 'acc', 0.9], ['ssd', 'mia', 0.5]]
    """
    if not wide:
        return frame
    names = [str(name) for name in frame.columns]
    for name in wide:
        if name not in frame.columns:
            raise TableError(f"{source} has no column '{name}'; {did_you_mean(name, names)}")
    taken = [name for name in ("metric", "value") if name in frame.columns and name not in wide]
    if taken:
        raise TableError(
            f"{source} has the column{'s' if len(taken) > 1 else ''} {', '.join(taken)} already, "
            "which --wide would make; give one or the other"
        )
    rest = [name for name in frame.columns if name not in wide]
    return frame.melt(rest, list(wide), "metric", "value", ignore_index=False)


def with_both_seeds(frame: pd.DataFrame, seed: OneSeed, present: str, method: str) -> pd.DataFrame:
    """Return a table with one seed column as one with two, as its maker says it is meant.

    Under `training`, rows of one model are its runs, numbered as they come; under `unlearning`
    the trained model is number 0, while retrained models still differ by their seed.

    Args:
        frame: A table with one seed column, one value per row.
        seed: What this column numbers.
        present: The name of the seed column.
        method: What the reference is called.
    """
    number = frame[present]
    training, unlearning = number, number
    if seed == "training":
        named = frame.rename(columns={present: TRAINING})
        same = [name for name in KEY if name in named.columns and name != UNLEARNING]
        unlearning = named.groupby(same, dropna=False).cumcount()
    if seed == "unlearning":
        methods = frame.get("method", pd.Series("", index=frame.index))
        training = number.where(methods == method, 0)
    return frame.assign(**{TRAINING: training, UNLEARNING: unlearning})


def without_repeats(frame: pd.DataFrame) -> Noted:
    """Take values of the baselines once that stand beside every unlearning run.

    Only equal values are taken for one: what differs is left, and refused later.
    """
    same = [name for name in (*KEY, "value") if name in frame.columns and name != UNLEARNING]
    repeated = frame["method"].isin(BASELINES) & frame.duplicated(same)
    if not repeated.any():
        return Noted(frame, ())
    names = ", ".join(sorted(set(frame.loc[repeated, "method"])))
    note = f"{names}: equal values of one training seed were taken once ({repeated.sum()} rows)."
    return Noted(frame[~repeated], (note,))


def one_seed_message(source: str, column: str, command: str) -> str:
    """Say what each reading of the only seed column would claim.

    Args:
        source: What the table is called.
        column: The seed column.
        command: A command that works but for `--seed`.
    """
    said = [f"{source} has one seed column ('{column}'); say what it numbers:"]
    for seed, claim in _CLAIMS.items():
        said.append(f"  --seed {seed:10}  " + claim.replace("\n", f"\n{'':21}"))
    return "\n".join(
        [
            *said,
            f"Then:  {command} --seed WHICH      (in Python: seed='...')",
            "If another column holds the other seed, map both: --column training_seed=COLUMN "
            "--column unlearning_seed=COLUMN",
        ]
    )


def with_our_baselines(frame: pd.DataFrame, form: Form, source: str) -> pd.DataFrame:
    """Call reference and original by our names.

    Raises:
        TableError: If a name does not occur, or ours is taken.
    """
    method = frame["method"].astype(object)
    present = {str(name) for name in method.dropna()}
    for ours, theirs in ((REFERENCE, form.retrain), (ORIGINAL, form.original)):
        if theirs is None or theirs == ours:
            continue
        if theirs not in present:
            raise TableError(f"{source} has no method '{theirs}'; {did_you_mean(theirs, present)}")
        if ours in present:
            raise TableError(f"{source} has both '{theirs}' and '{ours}'; rename one of them")
        method = method.where(method != theirs, ours)
    return frame.assign(method=method)


def likely_reference(methods: Iterable[str]) -> tuple[str, ...]:
    """Return a note if there is no reference, but one method sounds like it, else nothing."""
    names = sorted(set(methods))
    alike = [name for name in names if name.strip().lower().startswith(_LIKE_RETRAINING)]
    if REFERENCE in names or len(alike) != 1:
        return ()
    option = f"--reference {shlex.quote(alike[0])}"
    return (f"If '{alike[0]}' is retraining from scratch, say so: {option}",)


def as_shares(frame: pd.DataFrame, specs: Mapping[str, Spec]) -> Noted:
    """Divide percentages by 100: known shares, and unknown metrics that run beyond 1 up to 100.

    Raises:
        TableError: If no metric can be meant.
    """
    chosen = [name for name, values in _by_metric(frame) if _is_percentage(name, values, specs)]
    others = [name for name in _names(frame) if name not in chosen]
    if not chosen:
        raise TableError(
            f"--percent: none of the metrics {', '.join(others)} holds percentages (shares, or "
            "values between 0 and 100 that exceed 1); leave it out"
        )
    kept = f"; kept as they stand: {', '.join(others)}" if others else ""
    divided = frame["value"].where(~frame["metric"].isin(chosen), frame["value"] / 100)
    note = f"Percentages were divided by 100: {', '.join(chosen)}{kept}."
    return Noted(frame.assign(value=divided), (note,))


def percentages(frame: pd.DataFrame, specs: Mapping[str, Spec]) -> tuple[str, ...]:
    """Return a note if values of a share look like percentages, else nothing."""
    found = [
        name
        for name, values in _by_metric(frame)
        if _is_share(name, specs) and values.max(initial=0) > 1 + 1e-6
    ]
    said = f"{', '.join(found)}: these look like percentages; say so with --percent."
    return (said,) if found else ()


def _is_percentage(name: str, values: np.ndarray, specs: Mapping[str, Spec]) -> bool:
    if base_name(name) in specs:
        return _is_share(name, specs)
    return bool((values >= 0).all() and (values <= 100).all() and values.max(initial=0) > 1)


def _is_share(name: str, specs: Mapping[str, Spec]) -> bool:
    spec = specs.get(base_name(name))
    return spec is not None and tuple(spec.bounds) == (0, 1)


def _names(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame["metric"].dropna().unique()]


def _by_metric(frame: pd.DataFrame) -> Iterable[tuple[str, np.ndarray]]:
    """Yield each metric with its finite values."""
    for name, values in frame.groupby("metric", sort=False)["value"]:
        numbers = values.to_numpy()
        yield str(name), numbers[np.isfinite(numbers)]
