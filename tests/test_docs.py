"""What the documentation lists is what there is."""

import re
import runpy
from pathlib import Path

import typer

from seedwise.cli.main import _VERBS, app
from seedwise.interop.tools import TOOLS
from seedwise.stats.practice import single_seed_coverage, tipping_icc

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "statistics.md").read_text(encoding="utf-8")


def test_the_page_of_flags_is_up_to_date():
    page = runpy.run_path(str(DOCS / "flags.py"))["page"]
    assert (DOCS / "flags.md").read_text(encoding="utf-8") == page(), "run python docs/flags.py"


def test_the_printed_coverages_are_computed():
    assert single_seed_coverage([0.1, 0.5, 0.9], 10).round(2).tolist() == [0.85, 0.49, 0.18]
    assert "and .85, .49, .18 at rho = .1, .5, .9" in PAGE
    assert single_seed_coverage(0.5, 100).round(2) == 0.16
    assert tipping_icc(4.0, 10).round(2) == 0.18


def test_every_command_exists():
    commands = re.findall(r"(?:^|`)seedwise (\w+) ", PAGE, flags=re.MULTILINE)
    assert {"analyze", "compare", "tipping"} <= set(commands) <= set(_VERBS)


def test_the_page_on_planning_shows_commands_and_options_that_exist():
    page = (DOCS / "planning.md").read_text(encoding="utf-8")
    assert "{{" not in page, "run python docs/planning.py runs"
    commands = typer.main.get_command(app).commands
    known = {name for one in commands["plan"].params for name in one.opts}
    known |= {name for one in commands["run"].params for name in one.opts}
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page))
    assert {"--half-width", "--budget", "--assume", "--calibrate", "--write"} <= used <= known


def test_the_study_of_the_page_on_planning_is_one():
    import yaml

    from seedwise.study.load import validate

    page = (DOCS / "planning.md").read_text(encoding="utf-8")
    block = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)[0]
    rest = {
        "study": "s",
        "task": {"domain": "toy", "dataset": "gaussian", "model": "linear"},
        "forget": {"random": 0.2},
        "methods": ["retrain", "finetune"],
        "metrics": ["accuracy"],
    }
    assert validate({**rest, **yaml.safe_load(block)}, "page").precision is not None


def test_the_arithmetic_of_the_page_on_planning_is_right():
    """The half-width that the page computes by hand follows from the numbers it prints."""
    from scipy import stats

    page = (DOCS / "planning.md").read_text(encoding="utf-8")
    train, unlearn = (
        float(x) for x in re.findall(r"s_t² = ([\d.e-]+), s_u² = ([\d.e-]+)\.", page)[0]
    )
    i, j = (int(x) for x in re.findall(r"0\.03: I = (\d+), J = (\d+)", page)[0])
    half = stats.t.ppf(0.975, i - 1) * ((train + unlearn / j) / i) ** 0.5
    printed = float(re.findall(r"so the half-width is .* = ([\d.]+)\.", page)[0])
    assert abs(half - printed) < 2e-4
    assert printed <= 0.03
    once, each = (
        float(x) for x in re.findall(r"costs ([\d.]+) s, one run.* ([\d.]+) s\.", page)[0]
    )
    cost = float(re.findall(r"It costs .* = ([\d.]+) s", page)[0])
    assert abs(i * (once + j * each) - cost) < 0.02 * cost


def test_the_page_on_other_tools_names_options_that_exist():
    page = (DOCS / "open-unlearning.md").read_text(encoding="utf-8")
    verbs = typer.main.get_command(app).commands
    known = {name for verb in ("import", "export") for p in verbs[verb].params for name in p.opts}
    named = set(re.findall(r"--[a-z][a-z-]+", page))
    assert {"--map", "--pattern", "--retrain-log", "--processes"} <= named <= known
    tools = set(re.findall(r"seedwise import ([a-z-]+)", page))
    assert tools == set(TOOLS)
