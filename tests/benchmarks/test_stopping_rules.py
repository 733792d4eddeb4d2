"""The benchmark of stopping rules runs, and shows what the rules promise."""

import runpy
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "benchmarks" / "stopping_rules.py"


@pytest.fixture(scope="module")
def benchmark():
    return runpy.run_path(str(FILE))


@pytest.mark.parametrize("name", ["stein", "looks", "anytime"])
def test_errors_are_rare_and_what_is_there_is_found(benchmark, name):
    case, simulate = benchmark["Case"], benchmark["simulate"]
    wrong = simulate(name, case("difference", 0.0, "reached"), "normal", 150)
    right = simulate(name, case("difference", 2.0, "excluded"), "normal", 60)
    assert wrong.error <= 0.12
    assert right.reached > 0.8
    assert right.error == 0
    assert 6 <= right.training <= wrong.training


def test_it_prints_a_row_per_case(benchmark, capsys):
    benchmark["main"]("2")
    assert len(capsys.readouterr().out.splitlines()) == 2 + 3 * 6 * 2
