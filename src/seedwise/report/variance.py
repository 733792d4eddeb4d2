"""The variance split as data: how much of a single run's spread comes from which seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from seedwise.report.material import Material, Place, codes, reason
from seedwise.report.numbers import SCREEN, percent

_COLUMNS = (
    "task metric method share_train share_unlearn share_eval icc icc_low icc_high "
    "sd_train sd_unlearn sd_eval note"
)


@dataclass(frozen=True)
class VarianceRow:
    """The shares of one method; NaN where they cannot be told, and `note` says why.

    `icc` is the share of the training seed in what the two seeds do together; its interval rests
    on normal theory. Without evaluation seeds it equals `share_train`.
    """

    method: str
    share_train: float
    share_unlearn: float
    share_eval: float
    icc: float
    icc_low: float
    icc_high: float
    sd_train: float
    sd_unlearn: float
    sd_eval: float
    note: str


@dataclass(frozen=True)
class VariancePanel:
    """One metric on one task: a row per method that has an unlearning stage."""

    place: Place
    title: str
    rows: tuple[VarianceRow, ...]
    level: float

    @property
    def has_eval(self) -> bool:
        """Whether evaluation seeds have a share of their own."""
        return any(row.share_eval > 0 for row in self.rows)

    @property
    def finding(self) -> str:
        """Say in the numbers of this panel what the picture shows."""
        known = [row for row in self.rows if math.isfinite(row.share_train)]
        if not known:
            return "No method's spread can be split here."
        least, most = (pick(known, key=lambda row: row.share_train) for pick in (min, max))
        if least is most or least.share_train == most.share_train:
            return f"The training seed makes {percent(most.share_train, SCREEN)} of the variance."
        middle = percent(float(np.median([row.share_train for row in known])), SCREEN)
        return (
            f"The training seed makes between {percent(least.share_train)} ({least.method}) and "
            f"{percent(most.share_train)} ({most.method}) of the variance; the median is {middle}."
        )


@dataclass(frozen=True)
class VarianceInfo:
    """All panels of the variance split."""

    panels: tuple[VariancePanel, ...]

    def frame(self) -> pd.DataFrame:
        """Return one row per task, metric and method: shares, ICC, standard deviations, note."""
        names = _COLUMNS.split()
        rows = [
            (*panel.place, *(getattr(row, name) for name in names[2:]))
            for panel in self.panels
            for row in panel.rows
        ]
        return pd.DataFrame(rows, columns=names)

    def median_share(self, method: str) -> float:
        """Return the median share of the training seed over the metrics of a method."""
        frame = self.frame()
        shares = frame.loc[frame["method"] == method, "share_train"].dropna()
        return float(shares.median()) if len(shares) else float("nan")


def variance_info(material: Material) -> VarianceInfo:
    """Return the variance split of every task and metric."""
    panels = []
    for place in material.places:
        rows = tuple(
            _row(method, row)
            for method, row, _ in material.gathered(place)
            if "no_unlearning_stage" not in codes(row)
        )
        panels.append(VariancePanel(place, material.title(place), rows, material.level))
    return VarianceInfo(tuple(panels))


def _row(method: str, row: Mapping[str, Any]) -> VarianceRow:
    flags = codes(row)
    parts = np.array([row["var_train"], row["var_unlearn"], row["var_eval"]], dtype=float)
    usable = bool(np.isfinite(parts[:2]).all() and np.nansum(parts) > 0)
    shares = np.nan_to_num(parts) / np.nansum(parts) if usable else np.full(3, np.nan)
    deviations = np.sqrt(parts)
    return VarianceRow(
        method=method,
        share_train=float(shares[0]),
        share_unlearn=float(shares[1]),
        share_eval=float(shares[2]),
        icc=row["icc"],
        icc_low=row["icc_low"],
        icc_high=row["icc_high"],
        sd_train=float(deviations[0]),
        sd_unlearn=float(deviations[1]),
        sd_eval=float(deviations[2]),
        note=_note(row, flags, usable=usable),
    )


def _note(row: Mapping[str, Any], flags: tuple[str, ...], *, usable: bool) -> str:
    if "deterministic" in flags and usable:
        return "deterministic: all of it is the training seed"
    if "single_training_seed" in flags:
        return "not estimable: one training seed"
    if "degenerate" in flags:
        return "no spread: all values equal"
    if not usable and "components_confounded" in flags:
        return "not separable: one unlearning seed (J = 1)"
    if not usable:
        return reason(str(row.get("icc_kind", ""))) or "not estimable"
    if "boundary" in flags:
        return "a variance is estimated as 0 (its raw estimate is negative)"
    return ""
