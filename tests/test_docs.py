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


def test_the_page_on_other_tools_names_options_that_exist():
    page = (DOCS / "open-unlearning.md").read_text(encoding="utf-8")
    verbs = typer.main.get_command(app).commands
    known = {name for verb in ("import", "export") for p in verbs[verb].params for name in p.opts}
    named = set(re.findall(r"--[a-z][a-z-]+", page))
    assert {"--map", "--pattern", "--retrain-log", "--processes"} <= named <= known
    tools = set(re.findall(r"seedwise import ([a-z-]+)", page))
    assert tools == set(TOOLS)
