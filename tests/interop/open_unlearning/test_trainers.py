"""Our methods in OpenUnlearning's words."""

import inspect

import pytest

from seedwise import registry
from seedwise.errors import StudyError
from seedwise.interop.open_unlearning.trainers import SPLITS, TRAINERS, find, overrides, recipe

METHOD_ARGS = {
    "GradAscent": set(),
    "GradDiff": {"gamma", "alpha", "retain_loss_type"},
    "NPO": {"beta", "alpha", "gamma", "retain_loss_type"},
    "SimNPO": {"delta", "beta", "alpha", "gamma", "retain_loss_type"},
    "DPO": {"beta", "alpha", "gamma", "retain_loss_type"},
    "UNDIAL": {"beta", "alpha", "gamma", "retain_loss_type"},
    "WGA": {"beta", "alpha", "gamma", "retain_loss_type"},
    "SatImp": {"beta1", "beta2", "alpha", "gamma", "retain_loss_type"},
    "CEU": {"ignore_first_n_answer_tokens"},
    "RMU": {
        "gamma",
        "steering_coeff",
        "retain_loss_type",
        "alpha",
        "module_regex",
        "trainable_params_regex",
    },
}
"""`method_args` of its configs/trainer, with those a config takes from its defaults."""


@pytest.mark.parametrize("method", TRAINERS)
def test_every_key_is_in_the_config_of_the_trainer(method):
    trainer = TRAINERS[method]
    keys = {key.removeprefix("trainer.method_args.") for key in trainer.keys.values()}
    assert keys <= METHOD_ARGS[trainer.name]


@pytest.mark.parametrize("method", TRAINERS)
def test_every_argument_is_one_of_our_method(method):
    taken = set(inspect.signature(registry.methods[method].function).parameters)
    assert {*TRAINERS[method].keys, "lr", "epochs", "weight_decay", "batch_size"} <= taken


def test_values_are_translated():
    found = list(overrides("rmu", {"layer": 8, "coefficient": 3.0, "lr": 1e-5}, 2))
    assert found[:3] == [
        "trainer.method_args.module_regex=model.layers.7",
        "trainer.method_args.steering_coeff=3.0",
        "trainer.args.learning_rate=1e-05",
    ]


@pytest.mark.parametrize(
    ("size", "processes", "device", "steps"),
    [(32, 2, 4, 4), (16, 1, 4, 4), (6, 2, 3, 1), (5, 1, 1, 5)],
)
def test_batches_keep_their_size(size, processes, device, steps):
    assert list(recipe({"batch_size": size}, processes)) == [
        f"trainer.args.per_device_train_batch_size={device}",
        f"trainer.args.gradient_accumulation_steps={steps}",
    ]


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("ceu", {"alpha": 1.0}, "methods: ceu: OpenUnlearning cannot take 'alpha: 1.0'"),
        ("npo", {"bta": 1.0}, "did you mean 'beta'"),
        ("gradient-ascent", {"optimizer": "sgd"}, "cannot take 'optimizer: sgd'"),
        ("npo", {"batch_size": 5}, "cannot be shared by 2 processes"),
        ("npo", {"batch_size": None}, "a batch_size of None cannot"),
        ("task-vector", {}, "has no trainer for 'task-vector'"),
    ],
)
def test_what_it_cannot_do(method, arguments, message):
    with pytest.raises(StudyError, match=message):
        list(overrides(method, arguments, 2))


def test_the_optimizer_it_has_needs_no_word():
    assert not any(
        "optim" in word for word in overrides("gradient-ascent", {"optimizer": "adamw"}, 2)
    )


def test_splits_belong_together():
    for forget, (holdout, retain) in SPLITS.items():
        assert int(retain[-2:]) + int(forget[-2:]) == 100
        assert holdout[-2:] == forget[-2:]


def test_dpo_needs_refusals():
    assert find("idk-dpo").experiment == "unlearn/tofu/idk.yaml"
