"""The pages on federated studies come from their scripts, and the scripts run."""

import re
import runpy
from pathlib import Path

import pytest
import yaml

import seedwise as sw

ROOT = Path(__file__).parents[1]
METHODS = "methods=[original, retrain, {name: fed-finetune, rounds: 1}]"
SMALL = {
    "federated": (
        "federated-digits",
        [
            "task.train.rounds=2",
            "task.train.alpha=5",
            "metrics=[accuracy, client-accuracy, distance-to-reference, communication, "
            "history-size, runtime]",
        ],
    ),
    "federated_ranking": (
        "federated-ranking",
        ["task.train.rounds=2", "task.train.interactions=2"],
    ),
}


@pytest.fixture(params=list(SMALL))
def script(request):
    return request.param


@pytest.fixture
def made(script):
    """Return what the script defines."""
    return runpy.run_path(str(ROOT / "docs" / f"{script}.py"))


def printed(script):
    return (ROOT / "docs" / f"{script.replace('_', '-')}.md").read_text(encoding="utf-8")


def test_the_script_writes_a_page_from_two_small_runs(tmp_path, script, made):
    name, smaller = SMALL[script]
    study = ROOT / "examples" / f"{name}.yaml"
    fixed, following = (
        sw.run(study, tmp_path / seeds, overrides=[METHODS, *smaller, *seeds.split()], workers=0)
        for seeds in (
            "seeds.training=2 seeds.unlearning=2",
            "seeds.training=1 seeds.unlearning=2 seeds.partition=2",
        )
    )
    page = made["page"](fixed, following)
    assert "I = 2" in page
    assert "J = 2" in page
    assert "nan" not in page
    table = fixed.summary().set_index(["method", "metric"])
    (line,) = re.findall(r"\| fed-finetune \| \d.*", page.partition("costs")[0])
    for metric in set(made["MEANS"]) - {"mia-loss"}:
        assert f" {table.loc[('fed-finetune', metric), 'mean']:.3f} [" in line
    assert headings(page) == headings(printed(script))


def headings(page):
    return [line for line in page.splitlines() if line.startswith("#")]


def test_the_printed_page_is_that_of_the_script_and_the_example(script, made):
    """Its words and tables are those that the script writes, of the methods of the example."""
    page, example = printed(script), ROOT / "examples" / f"{SMALL[script][0]}.yaml"
    study = yaml.safe_load(example.read_text(encoding="utf-8"))
    seeds, columns = study["seeds"], " | ".join(made["MEANS"])
    rule = "|".join(["---:"] * len(made["MEANS"]))
    models = int(re.findall(r"(\d+) models", page)[0])
    opening = made["HEAD"].format(
        i=seeds["training"], j=seeds["unlearning"], models=models, names=columns, rule=rule
    )
    assert page.startswith(opening)
    assert made["PARTITION"] in page
    names = [one if isinstance(one, str) else one["name"] for one in study["methods"]]
    assert re.findall(r"^\| ([\w-]+) \|", page[len(opening) :], flags=re.M)[: len(names)] == names


def test_the_printed_conventions_are_computed():
    made = runpy.run_path(str(ROOT / "docs" / "federated_ranking.py"))
    assert printed("federated_ranking").endswith(made["_conventions"]())
