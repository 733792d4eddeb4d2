from __future__ import annotations

import numpy as np
import pytest
import torch

from seedwise.domains.vision.datasets import Arrays
from seedwise.domains.vision.splits import duplicates, make_splits

FORGET = np.array([1, 4])


def arrays(shape=(2, 2), kind=np.uint8, top=255.0, y_test=(0, 1, 2, 1)):
    draw = np.random.default_rng(0)
    x = draw.integers(0, 256, size=(6 + len(y_test), *shape)).astype(kind)
    y = np.array([0, 1, 2, 0, 1, 2])
    names = ("a", "b", "c")
    return Arrays(x[:6], y, x[6:], np.array(y_test), names, top)


def fingerprints(data, forget=FORGET, label=None):
    return {name: split.fingerprint for name, split in make_splits(data, forget, label).items()}


def test_retain_and_forget_make_up_train_and_are_numbered_by_their_place_in_it():
    data = arrays()
    splits = make_splits(data, FORGET, None)
    assert list(splits) == ["train", "retain", "forget", "test"]
    assert splits["forget"].index.tolist() == [1, 4]
    assert splits["retain"].index.tolist() == [0, 2, 3, 5]
    assert splits["train"].index.tolist() == list(range(6))
    batch = splits["forget"].take(torch.tensor([1, 0]), "cpu")
    assert batch.index.tolist() == [4, 1]
    assert batch.targets.tolist() == data.y_train[[4, 1]].tolist()
    expected = data.x_train[[4, 1]].astype(np.float32)[:, None] / 255 * 2 - 1
    assert np.allclose(batch.inputs.numpy(), expected, atol=1e-6)


def test_class_forgetting_parts_the_test_data():
    splits = make_splits(arrays(), FORGET, 1)
    assert splits["test-forget"].take(slice(None), "cpu").targets.tolist() == [1, 1]
    assert splits["test-retain"].take(slice(None), "cpu").targets.tolist() == [0, 2]
    assert splits["test-retain"].index.tolist() == [0, 1]


@pytest.mark.parametrize("y_test", [(0, 2), (1, 1)])
def test_test_data_without_both_parts_are_not_parted(y_test):
    assert "test-forget" not in make_splits(arrays(y_test=y_test), FORGET, 1)


@pytest.mark.parametrize(
    ("shape", "tensor"), [((5,), (5,)), ((4, 6), (1, 4, 6)), ((4, 6, 3), (3, 4, 6))]
)
def test_images_get_their_channels_first(shape, tensor):
    data = arrays(shape)
    inputs, _ = make_splits(data, FORGET, None)["train"].examples.on("cpu")
    assert inputs.shape == (6, *tensor)
    if len(shape) == 3:
        green = data.x_train[2, :, :, 1].astype(np.float32) / 255 * 2 - 1
        assert np.allclose(inputs[2, 1].numpy(), green, atol=1e-6)


def test_integers_fill_minus_one_to_one_and_floats_stay():
    data = arrays()
    data.x_train[0, 0] = [0, 255]
    inputs, _ = make_splits(data, FORGET, None)["train"].examples.on("cpu")
    assert inputs[0, 0, 0].tolist() == [-1.0, 1.0]
    floats = arrays(kind=np.float64, top=None)
    inputs, _ = make_splits(floats, FORGET, None)["train"].examples.on("cpu")
    assert np.array_equal(inputs[:, 0].numpy(), floats.x_train.astype(np.float32))


def test_the_raw_data_are_not_changed():
    data = arrays(kind=np.float32, top=16.0)
    before = data.x_train.copy()
    make_splits(data, FORGET, None)
    assert np.array_equal(data.x_train, before)


def test_fingerprints_follow_content_order_and_labels_only():
    base = fingerprints(arrays())
    assert base == fingerprints(arrays())
    other = fingerprints(arrays(), forget=np.array([1]))
    assert {name for name in base if base[name] != other[name]} == {"forget", "retain"}
    for change in ("content", "label", "order"):
        data = arrays()
        if change == "content":
            data.x_train[4, 0, 0] ^= 1
        elif change == "label":
            data.y_train[4] = 0
        else:
            for part in (data.x_train, data.y_train):
                part[[1, 4]] = part[[4, 1]]
        changed = fingerprints(data)
        assert {name for name in base if base[name] != changed[name]} == {"forget", "train"}


def test_repeated_images_are_counted():
    data = arrays()
    assert duplicates(data) == 0
    data.x_test[1] = data.x_train[3]
    data.x_test[2] = data.x_train[3]
    assert duplicates(data) == 2
