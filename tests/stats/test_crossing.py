"""Crossed factors: the same trained models in several partitions, or shared unlearning seeds."""

from __future__ import annotations

import numpy as np
import pytest

from seedwise.stats import nested

# Diameters of growth inhibition for 6 samples of penicillin on 24 plates (Davies & Goldsmith 1972,
# table 6.6), plate by plate.
PENICILLIN = """
27 23 26 23 23 21  27 23 26 23 23 21  25 21 25 24 24 20  26 23 25 23 23 20  25 22 26 22 23 20
24 22 25 23 22 19  24 20 23 21 22 19  26 22 26 24 24 21  24 21 24 22 22 20  24 21 24 23 22 19
26 23 26 24 24 21  25 22 26 24 24 20  26 24 26 24 25 22  26 23 26 23 23 20  26 23 25 24 24 22
25 22 25 23 23 20  25 21 24 23 23 20  25 22 24 23 23 19  24 21 23 21 21 19  26 23 26 24 24 21
25 21 24 22 22 18  25 22 25 22 22 20  24 21 24 22 24 19  24 21 24 22 21 18
"""

# Productivity scores of 6 workers on 3 machines, three times each (Milliken & Johnson 1992,
# p. 285), machine by machine, worker by worker.
MACHINES = """
52.0 52.8 53.1  51.8 52.8 53.1  60.0 60.2 58.4  51.1 52.3 50.3  50.9 51.8 51.4  46.4 44.8 49.2
62.1 62.6 64.0  59.7 60.0 59.0  68.6 65.8 69.7  63.2 62.8 62.2  64.8 65.0 65.4  43.7 44.2 43.0
67.5 67.2 66.9  61.5 61.7 62.3  70.8 70.6 71.0  64.1 66.2 64.0  72.1 72.0 71.1  62.0 61.4 60.5
"""


def test_penicillin_as_printed():
    """Bates, lme4: Mixed-effects modeling with R, section 2.1: REML sd and standard error."""
    values = np.array(PENICILLIN.split(), dtype=float)
    plate, sample = np.indices((24, 6)).reshape(2, -1)
    fit = nested.fit(values, plate, sample, crossed=True)
    found = np.sqrt([fit.var_train, fit.var_unlearn, fit.var_interaction])
    assert found.tolist() == pytest.approx([0.84671, 1.93157, 0.54992], rel=1e-4)
    assert (fit.mean, fit.se) == pytest.approx((22.9722, 0.8086), abs=5e-5)
    assert fit.unit == "training and unlearning"


def machines():
    values = np.array(MACHINES.split(), dtype=float)
    return values, *np.indices((3, 6, 3)).reshape(3, -1)


def test_machines_as_printed():
    """Pinheiro & Bates (2000), p. 25: sd of workers, of machines in workers, of the rest."""
    values, machine, worker, repeat = machines()
    fit = nested.fit(values, worker, machine, repeat, crossed=True)
    found = np.sqrt([fit.var_train, fit.var_interaction, fit.var_eval])
    assert found.tolist() == pytest.approx([4.781, 3.7294, 0.9616], rel=1e-3)
    assert (fit.df_train, fit.df_unlearn, fit.df_eval) == (5, 2, 36)


def test_machines_as_partitions_have_the_same_components():
    values, machine, worker, repeat = machines()
    fit = nested.fit(values, worker, repeat, partition=machine, crossed=True)
    found = np.sqrt([fit.var_train, fit.var_interaction, fit.var_unlearn])
    assert found.tolist() == pytest.approx([4.781, 3.7294, 0.9616], rel=1e-3)
    by_worker = values.reshape(3, 6, 3).mean(axis=(0, 2))
    assert fit.se == pytest.approx(by_worker.std(ddof=1) / np.sqrt(6))
    assert (fit.df, fit.n_training_seeds, fit.n_partitions) == (5, 6, 3)
    assert fit.alt_se > fit.se


def test_crossed_equals_nested_in_the_mean_only():
    values, machine, worker, repeat = machines()
    fit = nested.fit(values, worker, repeat, partition=machine)
    assert fit.mean == pytest.approx(values.mean())
    assert fit.n_training_seeds == 18


def test_one_run_per_cell_leaves_the_training_variance_estimable():
    rng = np.random.default_rng(0)
    row, column = np.indices((8, 5)).reshape(2, -1)
    values = 2 * rng.normal(size=8)[row] + rng.normal(size=40)
    fit = nested.fit(values, row, np.zeros(40), partition=column, crossed=True)
    assert 1 < fit.var_train < 12
    assert fit.var_unlearn_kind.startswith("none: training and unlearning confounded")


def test_components_of_a_table_at_the_boundary_add_up():
    rng = np.random.default_rng(5)
    row, column = np.indices((5, 4)).reshape(2, -1)
    fit = nested.fit(rng.normal(size=20), row, column, crossed=True)
    parts = fit.var_train, fit.var_unlearn, fit.var_interaction
    assert min(fit.var_train_raw, fit.var_unlearn_raw) < 0
    assert min(parts) == 0
    assert sum(parts) == pytest.approx(fit.var_total)
    assert "boundary" in fit.flags


def test_a_missing_cell_is_said_to_be_approximate():
    values, machine, worker, repeat = machines()
    kept = ~((machine == 1) & (worker == 5))
    columns = [column[kept] for column in (values, worker, repeat, machine)]
    fit = nested.fit(*columns[:3], partition=columns[3], crossed=True)
    assert fit.ci_kind.endswith("approximate, missing cells")
    assert fit.var_train_kind.endswith("approximate, unequal numbers")
    assert fit.n_training_seeds == 6
