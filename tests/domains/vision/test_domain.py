from __future__ import annotations

import inspect
import os
import subprocess
import sys

import numpy as np
import pytest

from seedwise.contracts import Context, Domain, ForgetSet, Part, Recipe, Task
from seedwise.domains.vision import vision
from seedwise.errors import DataError
from seedwise.registry import domains
from seedwise.seeds import SeedStreams


def test_it_is_a_registered_domain():
    assert domains["vision"] is vision
    assert isinstance(vision, Domain)


def test_naming_everything_loads_neither_torch_nor_scikit_learn():
    script = (
        "import sys, inspect\n"
        "from seedwise.domains.vision import vision\n"
        "kinds = [vision.components(kind) for kind in ('dataset', 'model')]\n"
        "[inspect.signature(make, eval_str=True) for kind in kinds for make in kind.values()]\n"
        "vision.recipe()\n"
        "assert not {'torch', 'sklearn', 'pandas'} & set(sys.modules)\n"
    )
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | paths, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["dataset", "model"])
def test_every_argument_has_an_annotation_that_can_be_evaluated(kind):
    for make in vision.components(kind).values():
        for name, given in inspect.signature(make, eval_str=True).parameters.items():
            if given.kind is inspect.Parameter.KEYWORD_ONLY:
                assert given.annotation is not inspect.Parameter.empty, name


def test_the_recipe_is_made_of_its_arguments():
    assert vision.recipe(epochs=3, lr=0.2, batch_size=None, schedule="constant") == Recipe(
        3, 0.2, None, weight_decay=5e-4
    )


def test_only_the_partition_decides_the_data(make_problem):
    forget = ForgetSet("random", 0.1, seed=4)
    base = make_problem(forget=forget).fingerprints
    inner = make_problem(forget=forget, training=7, unlearning=3, evaluation=1).fingerprints
    assert inner == base
    other = make_problem(forget=forget, partition=1).fingerprints
    assert all(other[split] != base[split] for split in base)


def test_the_draw_of_the_forget_set_belongs_to_the_partition(make_problem):
    forget = ForgetSet("random", 0.1)
    first, other = (make_problem(forget=forget, partition=p).index("forget") for p in (0, 1))
    assert len(first) == len(other)
    assert not np.array_equal(first, other)


def test_the_forget_seed_decides_the_forget_set_alone(make_problem):
    base, other = (make_problem(forget=ForgetSet("random", 0.1, seed)) for seed in (0, 1))
    same = {
        name for name in base.fingerprints if base.fingerprints[name] == other.fingerprints[name]
    }
    assert same == {"train", "test"}


def test_neither_model_nor_recipe_changes_the_data(make_problem):
    task = Task("vision", Part("digits"), Part("cnn"), {"epochs": 1})
    assert make_problem(task).fingerprints == make_problem().fingerprints


def test_files_are_those_of_the_data_and_the_indices(write_npz, tmp_path):
    path = write_npz()
    task = Task("vision", Part("npz", {"path": path}), Part("mlp"))
    indices = tmp_path / "forget.txt"
    assert [str(file) for file in vision.files(task, ForgetSet("class", 0))] == [path]
    read = vision.files(task, ForgetSet("indices", str(indices)))
    assert [str(file) for file in read] == [path, str(indices)]


def small(path, model=None):
    return Task("vision", Part("npz", {"path": path}), model or Part("mlp"), {"epochs": 1})


def test_repeated_test_examples_are_noted(write_npz, make_problem):
    problem = make_problem(small(write_npz()))
    assert problem.notes == ()
    images = np.zeros((12, 6, 6), np.uint8)
    twice = make_problem(small(write_npz(x_test=images, x_train=np.repeat(images, 4, axis=0)[:40])))
    assert twice.notes == ("12 of 12 test examples occur in the training data, byte for byte",)


def test_class_names_come_from_the_file(write_npz, make_problem):
    path = write_npz(classes=np.array(["cat", "dog", "eel", "fox"]))
    problem = make_problem(small(path), ForgetSet("class", "dog"))
    assert set(problem.targets("forget")) == set(problem.targets("test-forget")) == {1}
    with pytest.raises(DataError, match=r"no training example of class 'cow'.*0 \(cat\)"):
        make_problem(small(path), ForgetSet("class", "cow"))


def test_a_net_that_cannot_take_the_data_is_refused_at_once(write_npz, make_problem):
    task = small(write_npz(), Part("cnn", {"channels": [2, 2, 2]}))
    with pytest.raises(DataError, match="at least 8 pixels"):
        make_problem(task)


@pytest.mark.parametrize("model", [Part("mlp"), Part("cnn", {"channels": [4]})])
def test_a_small_study_learns_its_digits(make_problem, model):
    task = Task("vision", Part("digits"), model, {"epochs": 3})
    problem = make_problem(task)
    (made,) = problem.train("train", [SeedStreams("train", training=0)], Context())
    assert problem.outputs(made.model, "test", ["correct"])["correct"].mean() > 0.85
