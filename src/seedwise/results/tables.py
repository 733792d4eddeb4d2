"""Tables made elsewhere: mapping their columns, and saying exactly what cannot be read."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
import pandas as pd

from seedwise.errors import TableError, did_you_mean
from seedwise.results import forms
from seedwise.results.absent import seeds_without_runs
from seedwise.results.forms import Form, Noted
from seedwise.results.tidy import COLUMNS, REFERENCE, REQUIRED, Spec, base_name, listed

IN_MEMORY = "the table"
"""What a table without a file is called."""

_SEEDS = (forms.TRAINING, forms.UNLEARNING)
_ALIASES = {
    "training_seed": ("train_seed", "training", "model_seed", "model", "seed"),
    "unlearning_seed": ("unlearn_seed", "unlearning", "unlearn", "run", "repeat", "rep", "trial"),
    "method": ("algorithm", "approach", "unlearner", "name"),
    "metric": ("measure", "metric_name", "variable"),
    "value": ("score", "result", "metric_value"),
}


_SUMMARIES = {"sd", "std", "stdev", "std_dev", "stderr", "se", "sem"}
_NO_SUMMARIES = (
    "\nMeans and standard deviations cannot be analysed, single runs can; "
    "'seedwise tipping' judges a claim made from them."
)


def read(frame: pd.DataFrame, form: Form, specs: Mapping[str, Spec], source: str) -> Noted:
    """Return a table's known columns under our names, values as numbers, with what was done.

    Args:
        frame: Any table; its index names the rows in messages.
        form: How it is written.
        specs: Metric specs by base name, whose bounds the values must keep.
        source: What the table is called in messages.

    Raises:
        TableError: If the table is empty, columns lack, or values cannot be read.
    """
    renamed = _renamed(frame, form, source)
    if renamed.empty:
        raise TableError(f"{source} has no rows")
    named = forms.with_our_baselines(renamed, form, source)
    table = named[[name for name in COLUMNS if name in named.columns]].copy()
    table["value"] = _values(table["value"], source)
    table, repeats = forms.without_repeats(table)
    if form.percent:
        table, notes = forms.as_shares(table, specs)
    else:
        notes = forms.percentages(table, specs)
    _check_bounds(table, specs, source)
    hint = forms.likely_reference(table["method"].dropna().astype(str))
    return Noted(table, hint + repeats + notes + seeds_without_runs(table))


def _renamed(frame: pd.DataFrame, form: Form, source: str) -> pd.DataFrame:
    if form.seed not in (None, *forms.ONE_SEED):
        raise TableError(f"seed is '{form.seed}'; {did_you_mean(form.seed, forms.ONE_SEED)}")
    for ours, theirs in form.columns.items():
        if ours not in COLUMNS:
            raise TableError(f"there is no column '{ours}' to map; {did_you_mean(ours, COLUMNS)}")
        if theirs not in frame.columns:
            names = [str(name) for name in frame.columns]
            raise TableError(f"{source} has no column '{theirs}'; {did_you_mean(theirs, names)}")
    free = frame.drop(
        columns=[name for name in form.columns if name not in form.columns.values()],
        errors="ignore",
    )
    renamed = free.rename(columns={theirs: ours for ours, theirs in form.columns.items()})
    table = _seeded(forms.long(renamed, form.wide, source), frame, form, source)
    lacking = [name for name in REQUIRED if name not in table.columns]
    if lacking:
        raise TableError(_lacking_message(frame, form, lacking, source))
    return table


def _seeded(table: pd.DataFrame, frame: pd.DataFrame, form: Form, source: str) -> pd.DataFrame:
    """Make a table with one seed column one with two, if it was said what this one numbers."""
    present = [name for name in _SEEDS if name in table.columns]
    free = [str(name) for name in table.columns if name not in COLUMNS]
    guessed = [found for name in _SEEDS if name not in present and (found := _alias(name, free))]
    if len(present) == 2:
        if form.seed is not None:
            raise TableError(
                f"{source} has both {' and '.join(_SEEDS)}; leave out --seed {form.seed}"
            )
        return table
    if len(present) + len(guessed) != 1:
        return table
    only = (*present, *guessed)[0]
    if form.seed is None:
        lacking = [name for name in REQUIRED if name not in (*table.columns, *_SEEDS)]
        command = _command(_guessed(frame, form, lacking), source)
        raise TableError(forms.one_seed_message(source, form.columns.get(only, only), command))
    return forms.with_both_seeds(table, form.seed, only, form.retrain or REFERENCE)


def _lacking_message(frame: pd.DataFrame, form: Form, lacking: list[str], source: str) -> str:
    found = ", ".join(str(name) for name in frame.columns)
    likely = _guessed(frame, form, lacking)
    summarised = {_plain(str(name)) for name in frame.columns} & _SUMMARIES
    advice = _NO_SUMMARIES if summarised else ""
    python = f"columns={likely.columns}" + (f", wide={likely.wide}" if likely.wide else "")
    return (
        f"{source} lacks the column{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}.\n"
        f"Columns found: {found or 'none'}.\n"
        f"Say which is which:  {_command(likely, source)}\n"
        f"or in Python:  {python}{advice}"
    )


def _command(form: Form, source: str) -> str:
    """Return the command line that reads a table of this form."""
    options = {
        "--wide": ",".join(form.wide),
        "--seed": form.seed,
        "--reference": form.retrain,
        "--original": form.original,
    }
    words = ["seedwise analyze", "TABLE.csv" if source == IN_MEMORY else shlex.quote(source)]
    words += [f"--column {ours}={shlex.quote(theirs)}" for ours, theirs in form.columns.items()]
    words += [f"{name} {shlex.quote(given)}" for name, given in options.items() if given]
    return " ".join([*words, *(["--percent"] if form.percent else [])])


def _guessed(frame: pd.DataFrame, form: Form, lacking: Sequence[str]) -> Form:
    """Return the form with a guess for every column that lacks."""
    wide = list(form.wide)
    names = [str(column) for column in frame.columns]
    knows_method = "method" not in lacking or _alias("method", names) is not None
    if {"metric", "value"} <= set(lacking) and knows_method:
        wide = _wide(frame, form)
    mapping = dict(form.columns)
    for name in lacking:
        if not (wide and name in ("metric", "value")):
            taken = {*mapping.values(), *REQUIRED, *wide}
            free = [str(column) for column in frame.columns if column not in taken]
            mapping[name] = _guess(name, free)
    return replace(form, columns=mapping, wide=wide)


def _wide(frame: pd.DataFrame, form: Form) -> list[str]:
    """Return the columns of numbers that nothing else is known of: each may hold a metric."""
    known = {*COLUMNS, *chain.from_iterable(_ALIASES.values())}
    return [
        str(name)
        for name in frame.columns
        if not known & {name, _plain(str(name))}
        and name not in form.columns.values()
        and pd.to_numeric(frame[name], errors="coerce").notna().any()
    ]


def _guess(name: str, free: list[str]) -> str:
    lowered = {_plain(column): column for column in free}
    close = difflib.get_close_matches(name, list(lowered), n=1)
    return _alias(name, free) or (lowered[close[0]] if close else "COLUMN")


def _alias(name: str, free: Sequence[str]) -> str | None:
    """Return the column that goes by another name we know, None if there is none."""
    lowered = {_plain(column): column for column in free}
    return next((lowered[alias] for alias in _ALIASES[name] if alias in lowered), None)


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _values(column: pd.Series, source: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce")
    bad = (numbers.isna() & column.notna()).to_numpy()
    if bad.any():
        signed = column[bad].astype(str).str.strip().str.endswith("%").all()
        advice = (
            "drop the sign and give --percent"
            if signed
            else "leave failed runs empty, or write NaN"
        )
        raise TableError(
            f"'value' must hold numbers, but in {source} "
            f"{listed(column, bad, column.index.to_numpy())}; {advice}"
        )
    return numbers.astype(float)


def _check_bounds(table: pd.DataFrame, specs: Mapping[str, Spec], source: str) -> None:
    """Refuse values outside declared bounds, unless they look like percentages of a share."""
    names = table["metric"].astype(str).map(base_name)
    for name in names.unique():
        if name not in specs:
            continue
        low, high = specs[name].bounds
        value = table["value"].where(names == name).to_numpy()
        known = value[~np.isnan(value)]
        if (low, high) == (0, 1) and ((known >= 0) & (known <= 100)).all():
            continue
        slack = 1e-6 * max(abs(end) for end in (low, high, 1) if end is not None)
        bad = value < (-np.inf if low is None else low) - slack
        bad |= value > (np.inf if high is None else high) + slack
        if bad.any():
            raise TableError(
                f"metric '{name}' lies between {low} and {high}, but in {source} "
                f"{listed(table['value'], bad, table.index.to_numpy())}"
            )
