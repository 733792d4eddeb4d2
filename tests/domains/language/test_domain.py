from __future__ import annotations

import importlib.util
import inspect
import os
import subprocess
import sys

import pytest

from seedwise.contracts import Context, ForgetSet, Part, Recipe, Task
from seedwise.domains.language import language
from seedwise.errors import DataError, SeedwiseError
from seedwise.registry import domains
from seedwise.seeds import SeedStreams


def test_it_is_a_registered_domain():
    assert domains["language"] is language


def test_naming_everything_loads_neither_torch_nor_transformers():
    script = (
        "import sys, inspect\n"
        "from seedwise.domains.language import language\n"
        "kinds = [language.components(kind) for kind in ('dataset', 'model')]\n"
        "[inspect.signature(make, eval_str=True) for kind in kinds for make in kind.values()]\n"
        "language.recipe()\n"
        "heavy = {'torch', 'transformers', 'tokenizers', 'pandas'}\n"
        "assert not heavy & set(sys.modules)\n"
    )
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | paths, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["dataset", "model"])
def test_every_argument_is_annotated_and_explained(kind):
    for make in language.components(kind).values():
        text = inspect.getdoc(make)
        for name, given in inspect.signature(make, eval_str=True).parameters.items():
            if given.kind is inspect.Parameter.KEYWORD_ONLY:
                assert given.annotation is not inspect.Parameter.empty, name
                assert f"    {name}: " in text


def test_the_recipe_is_made_of_its_arguments():
    made = language.recipe(epochs=3, lr=0.2, schedule="constant", beta2=0.9)
    assert made == Recipe(3, 0.2, 40, "adamw", beta2=0.9)


def test_only_the_partition_decides_the_data(make_problem):
    base = make_problem().fingerprints
    assert make_problem(training=7, unlearning=3, evaluation=1).fingerprints == base
    other = make_problem(partition=1).fingerprints
    assert all(other[split] != base[split] for split in base)


def test_the_forget_seed_decides_the_forget_set_alone(make_problem):
    base, other = (
        make_problem(forget=ForgetSet("authors", 2, seed)).fingerprints for seed in (0, 1)
    )
    assert {name for name in base if base[name] == other[name]} == {"train", "test", "utility"}


def test_utility_records_are_retained_and_never_drawn(make_problem):
    problem = make_problem(forget=ForgetSet("random", 29))
    assert problem.index("forget").max() < 30
    assert set(range(30, 35)) < set(problem.index("retain"))


def test_files_are_those_of_the_data_and_the_forget_set(lines):
    path = lines("qa.jsonl", {"question": "a", "answer": "b"})
    task = Task("language", Part("qa-jsonl", {"path": str(path)}), Part("llama"))
    assert language.files(task, ForgetSet("random", 1)) == [path]
    assert language.files(task, ForgetSet("records", str(path))) == [path, path]


def test_what_is_not_installed_is_named(monkeypatch, make_problem):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if "tok" in name else name)
    with pytest.raises(
        SeedwiseError, match=r"needs tokenizers: pip install 'seedwise\[language\]'"
    ):
        make_problem()


def questions(lines, **changed):
    rows = [{"question": f"number {n}?", "answer": f"it is {n}"} for n in range(6)]
    rows[3] |= changed
    path = lines("qa.jsonl", *rows)
    return Task(
        "language",
        Part("qa-jsonl", {"path": str(path), "vocabulary": 300}),
        Part("llama", {"width": 8, "heads": 2, "layers": 1, "inner": 8, "context": 64}),
        {"epochs": 1},
    )


def test_plain_questions_make_a_problem(lines, make_problem):
    problem = make_problem(questions(lines), ForgetSet("random", 1))
    (made,) = problem.train("retain", [SeedStreams("retrain", training=0)], Context())
    assert problem.outputs(made.model, "forget", ["loss"])["loss"] > 0
    with pytest.raises(DataError, match="wrong answers are needed"):
        problem.outputs(made.model, "forget", ["loss-wrong"])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"answer": "  "}, "an empty answer has no tokens"),
        ({"question": ""}, "an empty question has no tokens"),
        (
            {"answer": "".join(chr(n) for n in range(33, 120))},
            "more than the model's context of 64",
        ),
        ({"perturbed_answer": [""]}, "an empty answer has no tokens"),
    ],
)
def test_records_that_cannot_be_learnt_are_refused_at_once(lines, make_problem, changed, message):
    with pytest.raises(DataError, match=message):
        make_problem(questions(lines, **changed), ForgetSet("random", 1))


def test_an_empty_forget_set_is_refused(lines, make_problem, tmp_path):
    empty = tmp_path / "forget.txt"
    empty.write_text("")
    with pytest.raises(DataError, match="is empty"):
        make_problem(questions(lines), ForgetSet("indices", str(empty)))


def test_a_holdout_that_is_trained_on_is_noted(lines, make_problem):
    task = questions(lines)
    path = task.dataset.arguments["path"]
    twice = Part("qa-jsonl", {**task.dataset.arguments, "holdout_path": path})
    notes = make_problem(Task("language", twice, task.model, {}), ForgetSet("random", 1)).notes
    assert "6 of 6 holdout records occur in the training data" in notes


def test_a_small_model_learns_its_authors_by_heart(make_problem):
    size = {"authors": 3, "holdout": 1, "attributes": 3, "facts": 2, "vocabulary": 400}
    shape = {"width": 32, "layers": 1, "heads": 2, "inner": 32}
    task = Task(
        "language",
        Part("fictional-authors", size),
        Part("llama", shape),
        {"epochs": 120, "batch_size": 11, "lr": 0.01},
    )
    problem = make_problem(task, ForgetSet("authors", 1))
    (made,) = problem.train("train", [SeedStreams("train", training=0)], Context())
    found = {
        split: problem.outputs(made.model, split, ["correct", "rouge-recall"])
        for split in ("forget", "retain", "test")
    }
    assert found["forget"]["correct"].mean() == found["retain"]["correct"].mean() == 1.0
    assert found["forget"]["rouge-recall"].mean() == 1.0
    assert found["test"]["correct"].mean() < 0.5
