"""Our methods in OpenUnlearning's words."""

import inspect

import pytest

from seedwise import registry
from seedwise.errors import StudyError
from seedwise.interop.open_unlearning.benchmarks import DATA
from seedwise.interop.open_unlearning.trainers import TRAINERS, find, overrides, recipe

TOFU, MUSE, WMDP = DATA["forget10"], DATA["MUSE-News"], DATA["WMDP-cyber"]

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
    found = list(overrides("rmu", {"layer": 8, "coefficient": 3.0, "lr": 1e-5}, 2, TOFU))
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
    assert list(recipe({"batch_size": size}, processes, TOFU)) == [
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
        list(overrides(method, arguments, 2, TOFU))


@pytest.mark.parametrize(
    ("method", "arguments", "data", "message"),
    [
        ("idk-dpo", {}, MUSE, "no trainer for 'idk-dpo' and MUSE; .*Allowed: ceu"),
        ("npo", {}, WMDP, "no trainer for 'npo' and WMDP; .*rmu"),
        ("rmu", {"epochs": 3}, WMDP, "cannot take 'epochs: 3'"),
    ],
)
def test_what_it_cannot_do_on_other_data(method, arguments, data, message):
    with pytest.raises(StudyError, match=message):
        list(overrides(method, arguments, 2, data))


def test_batches_on_other_data_are_those_of_their_configs():
    assert list(overrides("rmu", {}, 2, WMDP)) == [
        "trainer.args.per_device_train_batch_size=1",
        "trainer.args.gradient_accumulation_steps=8",
    ]
    assert "trainer.args.gradient_accumulation_steps=8" in list(recipe({}, 1, MUSE))


def test_the_optimizer_it_has_needs_no_word():
    assert not any(
        "optim" in word for word in overrides("gradient-ascent", {"optimizer": "adamw"}, 2, TOFU)
    )


def test_splits_belong_together():
    for name, data in DATA.items():
        if data.family == "tofu":
            assert int(data.kept[-2:]) + int(name[-2:]) == 100
            assert f"holdout_split=holdout{name[-2:]}" in data.evaluate


def test_dpo_needs_refusals():
    assert find("idk-dpo", TOFU).experiment == "idk"
