"""`Results`: an immutable tidy table and its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd

from seedwise.errors import TableError, did_you_mean
from seedwise.results import closeness as closeness_table
from seedwise.results import compare as comparing
from seedwise.results import components as components_table
from seedwise.results import ensembles as ensemble_table
from seedwise.results import failures as failure_table
from seedwise.results import files, tables
from seedwise.results import labels as label_table
from seedwise.results import looks as look_columns
from seedwise.results import max_t as max_t_table
from seedwise.results import rank as ranking
from seedwise.results import robust as robust_table
from seedwise.results import single_seed as single_seed_table
from seedwise.results import stopping as stopping_rule
from seedwise.results import summary as summarising
from seedwise.results.costs import Costs, costs_from
from seedwise.results.forms import Form
from seedwise.results.groups import About, Groups, group
from seedwise.results.plan import Plan
from seedwise.results.planning import plan_from_pilot
from seedwise.results.sides import Request
from seedwise.results.stopping import Interim, Stopping
from seedwise.results.target import Target
from seedwise.results.tidy import Spec, base_name, tidy
from seedwise.results.worst import impute
from seedwise.stats.layout import Partitions

Reference = Literal["independent", "paired"]
Crossing = Literal["nested", "crossed"]
Missing = Literal["drop", "worst"]
Determinism = Literal["declared", "verified", "not"]

CHECK_COLUMNS = ("task", "method", "training_seed", "unlearning_seed", "check", "message")


class Results:
    """The values of a study, one per row, and everything that may be asked of them.

    Args:
        frame: The tidy table: `task, method, metric, partition_seed, training_seed,
            unlearning_seed, evaluation_seed, value, original, status, reason`. `retrain` is the
            reference; it and `original` have no unlearning seed.
        metrics: Spec of each metric by its base name (`accuracy` for `accuracy/forget`).
        reference: Whether the reference of training seed i belongs to original i (`paired`) or
            is a model of its own.
        partitions: Whether results are to hold for the partitions seen (`fixed`) or for others
            like them (`random`).
        unlearning: Whether unlearning seeds are drawn anew under each trained model (`nested`) or
            are the same for all of them (`crossed`).
        complete: Whether the table lists every cell that was wanted, those without value too;
            otherwise what is missing is told from the grid of seeds.
        unpaired: Whether equal training seeds of two methods are different models, which are then
            compared as independent samples.
        missing: Whether rows without a value are left out and counted (`drop`), or count as the
            worst value that the metric's bounds and direction allow (`worst`), where there is one.
        looks: Numbers of trained models at earlier looks at these results after which more were
            added outside a stopping rule: `optional_stopping`, with wider intervals beside.
        deterministic: What is known of methods that declare themselves deterministic.
        notes: Sentences a reader should know.
        checks: Findings of the harness, with the columns `task, method, training_seed,
            unlearning_seed, check, message`.
        ensembles: Values of metrics computed on all models of a method at once, with
            `ensembles.COLUMNS`.
        costs: What seeds cost, for plans.
        stopping: The rule under which training seeds were added; its metric has its interval.

    Raises:
        TableError: If the table is not what it must be; the message says where.

    Example:
        >>> rows = [("ssd", "accuracy", i, j, 0.9 + 0.01 * i + 0.001 * j)
        ...         for i in range(5) for j in range(2)]
        >>> names = ["method", "metric", "training_seed", "unlearning_seed", "value"]
        >>> results = Results(pd.DataFrame(rows, columns=names))
        >>> results.summary()[["mean", "df", "n_unlearning_seeds_max"]].round(4).values.tolist()
        [[0.9205, 4.0, 2.0]]
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        *,
        metrics: Mapping[str, Spec] | None = None,
        reference: Reference = "independent",
        partitions: Partitions = "fixed",
        unlearning: Crossing = "nested",
        complete: bool = False,
        unpaired: bool = False,
        missing: Missing = "drop",
        looks: Sequence[int] = (),
        deterministic: Mapping[str, Determinism] | None = None,
        notes: Sequence[str] = (),
        checks: pd.DataFrame | None = None,
        ensembles: pd.DataFrame | None = None,
        costs: Costs | None = None,
        stopping: Stopping | None = None,
    ) -> None:
        _one_of("reference", reference, ["independent", "paired"])
        _one_of("partitions", partitions, ["fixed", "random"])
        _one_of("unlearning", unlearning, ["nested", "crossed"])
        _one_of("missing", missing, ["drop", "worst"])
        self._frame = tidy(frame)
        self.missing: Missing = missing
        self._about = About(
            reference, partitions, unlearning, complete, unpaired, tuple(sorted(set(looks)))
        )
        self.metrics: Mapping[str, Spec] = MappingProxyType(dict(metrics or {}))
        self.reference: Reference = reference
        self.deterministic: Mapping[str, Determinism] = MappingProxyType(dict(deterministic or {}))
        self.notes = tuple(notes)
        self._checks = (
            pd.DataFrame(columns=list(CHECK_COLUMNS)) if checks is None else checks.copy()
        )
        self._ensembles = ensemble_table.checked(ensembles)
        self.costs = costs
        self.stopping = stopping
        self._fits: dict[float, dict[str, Any]] = {}

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, columns: Mapping[str, str] | None = None, **about: Any
    ) -> Results:
        """Read any table.

        Args:
            frame: A table with training_seed, unlearning_seed, method, metric and value under
                any names; task, partition_seed, evaluation_seed, original, status and reason are
                optional.
            columns: Names of the columns in the table by the names above, where they differ.
            **about: How else the table is written, as in `forms.Form`: `wide` (columns that hold
                one metric each), `seed` (`training`, `unlearning` or `both`: what the only seed
                column numbers), `retrain` and `original` (what the table calls these methods),
                `percent`. And `metrics`, `reference`, `unpaired`, `deterministic`, `notes`,
                `checks` of `Results`.

        Raises:
            TableError: If columns lack, cells repeat, or a value is not a number.

        Example:
            >>> table = pd.DataFrame({"seed": [0, 1, 2], "method": "ssd", "acc": [90, 92, 94.0]})
            >>> results = Results.from_frame(table, wide=["acc"], seed="training", percent=True)
            >>> float(results.summary()["mean"].item())
            0.92
        """
        return cls._read(frame, tables.IN_MEMORY, columns, about)

    @classmethod
    def from_csv(
        cls, path: str | Path, columns: Mapping[str, str] | None = None, **about: Any
    ) -> Results:
        """Read a CSV file; see `from_frame`.

        Raises:
            TableError: If the file cannot be read, is empty, or is no such table.
        """
        return cls._read(files.read_csv(Path(path)), str(path), columns, about)

    @classmethod
    def from_file(
        cls, path: str | Path, columns: Mapping[str, str] | None = None, **about: Any
    ) -> Results:
        """Read a CSV, Parquet or JSON-lines file, told by its name; see `from_frame`.

        Raises:
            TableError: If the file cannot be read, is empty, or is no such table.
        """
        return cls._read(files.read_file(Path(path)), str(path), columns, about)

    @classmethod
    def _read(
        cls,
        frame: pd.DataFrame,
        source: str,
        columns: Mapping[str, str] | None,
        about: dict[str, Any],
    ) -> Results:
        written = {f.name: about.pop(f.name) for f in fields(Form) if f.name in about}
        form = Form(columns=columns or {}, **written)
        table, notes = tables.read(frame, form, about.get("metrics") or {}, source)
        return cls(table, notes=(*about.pop("notes", ()), *notes), **about)

    @property
    def checks(self) -> pd.DataFrame:
        """Findings of the harness (a copy)."""
        return self._checks.copy()

    def frame(self) -> pd.DataFrame:
        """Return the tidy table (a copy), rows that failed or are missing included."""
        return self._frame.copy()

    def summary(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return one row per task, method and metric, with `summary.COLUMNS`.

        Args:
            level: Confidence level of all intervals.
        """
        table = summarising.summary(self._groups.keys, self._fit(level))
        if self.stopping is not None:
            shown = stopping_rule.at_level(self.stopping, level)
            table = stopping_rule.with_rule(table, self._interims(shown), shown)
        if self._ensembles.empty:
            return table
        more = ensemble_table.summary_rows(self._ensembles, list(table.columns), level)
        more = look_columns.beside(more, self._about.looks, level)
        if table.empty:
            return more
        return pd.concat([table, more.astype(table.dtypes.to_dict())], ignore_index=True)

    def ensembles(self) -> pd.DataFrame:
        """Return the values of ensemble metrics (a copy): whole, jackknife, draws of the null."""
        return self._ensembles.copy()

    def ensemble_null(self) -> pd.DataFrame:
        """Return what ensemble metrics are between models drawn alike: `ensembles.NULL_COLUMNS`."""
        return ensemble_table.null(self._ensembles)

    def compare(
        self, metric: str | None = None, against: str | None = None, *, level: float = 0.95
    ) -> pd.DataFrame:
        """Return the differences between methods, with `compare.COLUMNS`.

        One family of tests per task and metric: all pairs of methods (without `original` and
        `retrain`), or all methods against one. `ci_*` holds for one comparison, `ci_*_sim` for
        the whole family (Bonferroni), `p_adjusted` is Holm's.

        Args:
            metric: One metric, None for all.
            against: The method to compare with, e.g. `retrain`.
            level: Confidence level.

        Raises:
            TableError: If the metric or the method does not occur.
        """
        request = Request(metric, against, level, self._about)
        table = comparing.compare(self._groups, list(self._fit(level)["flags"]), request)
        if self.stopping is None:
            return table
        shown = stopping_rule.at_level(self.stopping, level)
        return stopping_rule.with_rule_of_pair(table, self._interims(shown), shown)

    def interims(self) -> tuple[Interim, ...]:
        """Return what the stopping rule sees now, of each method or pair; empty without a rule.

        Raises:
            TableError: If its metric or a method does not occur.
        """
        return () if self.stopping is None else self._interims(self.stopping)

    def _interims(self, stopping: Stopping) -> tuple[Interim, ...]:
        flags = self._fit(stopping.rule.level)["flags"]
        return stopping_rule.interims(self._groups, flags, self._about, stopping)

    def closeness(
        self, metric: str | None = None, margin: float | None = None, *, level: float = 0.95
    ) -> pd.DataFrame:
        """Return how close each method is to the reference, with `closeness.COLUMNS`.

        Args:
            metric: One metric, None for all.
            margin: Greatest difference that does not matter, chosen before looking, in units of
                the metric. Without it `smallest_margin` is the least one that would be met.
            level: One minus the size of the equivalence test; confidence level of intervals.

        Raises:
            TableError: If the metric or the reference does not occur, or the margin is no number
                above 0 for one metric.
        """
        request = Request(metric, None, level, self._about)
        question = closeness_table.Question(request, margin)
        table = closeness_table.closeness(self._groups, self._fit(level), question)
        if self.stopping is None:
            return table
        shown = stopping_rule.at_level(self.stopping, level)
        return stopping_rule.with_rule_of_gap(table, self._interims(shown), shown, margin)

    def rank(
        self, metric: str | None = None, direction: str | None = None, *, level: float = 0.95
    ) -> pd.DataFrame:
        """Return the ranks that the comparisons allow and the best set, with `rank.COLUMNS`.

        Args:
            metric: One metric, None for all.
            direction: `higher`, `lower` or `closer-to-reference`; None for what the metric's spec
                says. Without either ranks are missing.
            level: One minus the error rate of the family of comparisons.

        Raises:
            TableError: If the metric or the direction does not exist, or there is no reference to
                be close to.
        """
        request = Request(metric, None, level, self._about)
        return ranking.rank(self._groups, self._fit(level), self.metrics, request, direction)

    def components(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return the variance components, one row per group and level, `components.COLUMNS`.

        Args:
            level: Confidence level of the limits.
        """
        return components_table.components(self._groups.keys, self._fit(level))

    def robust(self, metric: str | None = None, *, level: float = 0.95) -> pd.DataFrame:
        """Return IQM, median, bootstrap-t and Gaffke's bound beside t, with `robust.COLUMNS`.

        Args:
            metric: One metric, None for all.
            level: Confidence level.

        Raises:
            TableError: If the metric does not occur.
        """
        return robust_table.robust(self._groups, self._fit(level), self.metrics, metric, level)

    def max_t(self, metric: str | None = None, *, level: float = 0.95) -> pd.DataFrame:
        """Return the max-t bootstrap beside Holm's p for all pairs of methods, `max_t.COLUMNS`.

        Args:
            metric: One metric, None for all.
            level: Confidence level of the comparison it checks.

        Raises:
            TableError: If the metric does not occur.
        """
        request = Request(metric, None, level, self._about)
        return max_t_table.max_t(self._groups, self._fit(level)["flags"], request)

    def label_effects(self) -> pd.DataFrame:
        """Return whether unlearning-seed labels that recur mean the same, `labels.COLUMNS`."""
        return label_table.label_effects(self._groups)

    def failures(
        self, limits: Mapping[str, tuple[float, float]] | None = None, *, level: float = 0.95
    ) -> pd.DataFrame:
        """Return how many training seeds failed and how many may, with `failures.COLUMNS`.

        Args:
            limits: Least and greatest acceptable value by metric; a value beyond is a failure, as
                is a run that failed.
            level: Confidence level of the upper limit.

        Raises:
            TableError: If a metric with limits does not occur.
        """
        return failure_table.failures(self._frame, limits or {}, level)

    def single_seed(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return what one training seed would have claimed, with `single_seed.COLUMNS`.

        Args:
            level: Confidence level of the interval over the runs of one trained model.
        """
        ranks = self.rank(level=level)
        return single_seed_table.single_seed(self._groups, self._fit(level), ranks, level)

    def costs_by(self, metric: str) -> Costs:
        """Return what seeds cost by a metric of the table, e.g. `communication/MB`, for `plan`.

        Raises:
            TableError: If there is no such metric, it is not a number of the making of a model, or
                it lacks values of originals or methods.
        """
        spec = self.metrics.get(base_name(metric))
        if getattr(spec, "level", "record") != "record":
            raise TableError(
                f"'{metric}' is measured on models and is no cost; a cost is a number of their "
                "making, such as runtime, communication/MB or history-size"
            )
        return costs_from(self._frame, metric)

    def plan(
        self,
        metric: str | Sequence[str] | None = None,
        *,
        methods: Sequence[str] | None = None,
        between: Sequence[str] | None = None,
        costs: Costs | None = None,
        **target: Any,
    ) -> Plan:
        """Return how many seeds of each kind a target needs, with these results as the pilot.

        Args:
            metric: One metric or several; None for all that are computed on models.
            methods: Methods that are each to meet the target; None for all.
            between: Two methods (the second may be `retrain`) whose difference is to meet it.
            costs: What seeds cost; None for what the store's clocks say.
            **target: Exactly one of `half_width`, `difference` (with `power`), `margin` (with
                `power`), `budget`, `wall` (with `workers`); and `weights`, `level`, `assurance`,
                `min_training`, as in `results.target.Target`.

        Raises:
            TableError: If the target is contradictory or out of reach, the pilot cannot tell, or
                costs are not known.

        Example:
            >>> rows = [("ssd", "accuracy", i, j, 0.9 + 0.01 * (i % 3) + 0.004 * (j + i % 2))
            ...         for i in range(6) for j in range(2)]
            >>> names = ["method", "metric", "training_seed", "unlearning_seed", "value"]
            >>> results = Results(pd.DataFrame(rows, columns=names))
            >>> found = results.plan(costs=Costs(train=10, unlearn={"ssd": 1}), half_width=0.005)
            >>> found.design.I, dict(found.design.J), found.assured.I
            (17, {'ssd': 1}, 32)
        """
        return plan_from_pilot(
            self._groups,
            self._fit(target.get("level", 0.95)),
            self._about,
            Target(**target),
            metrics=[metric] if isinstance(metric, str) else metric,
            methods=methods,
            between=between,
            costs=costs or self.costs,
            specs=self.metrics,
            deterministic=self.deterministic,
        )

    @cached_property
    def _groups(self) -> Groups:
        table = self._frame
        if self.missing == "worst":
            table = impute(table, self.metrics)
        return group(table, self._about, self.metrics)

    def _fit(self, level: float) -> dict[str, Any]:
        """Fit all groups once per level: every question rests on the same numbers."""
        if level not in self._fits:
            self._fits[level] = summarising.fitted(
                self._groups, self.metrics, self.deterministic, self._about.looks, level
            )
        return self._fits[level]


def _one_of(name: str, given: str, allowed: list[str]) -> None:
    if given not in allowed:
        raise TableError(f"{name} is '{given}'; {did_you_mean(given, allowed)}")
