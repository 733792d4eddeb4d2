from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from seedwise.contracts import Part
from seedwise.domains.vision.datasets import dataset_files, digits, idx, npz
from seedwise.errors import DataError
from seedwise.seeds import SeedStreams

DATA = SeedStreams("data")


def rows(images):
    return sorted(image.tobytes() for image in images)


def test_digits_are_dealt_into_train_and_test_without_rest():
    from sklearn.datasets import load_digits

    made = digits(DATA, test_size=0.25)
    assert (len(made.y_train), len(made.y_test)) == (1348, 449)
    everything = load_digits().images.astype(np.uint8)
    assert rows([*made.x_train, *made.x_test]) == rows(everything)
    assert made.x_train.max() == made.top == 16


def test_the_split_is_drawn_from_the_partition_alone():
    first = digits(DATA)
    assert np.array_equal(first.x_test, digits(SeedStreams("data")).x_test)
    assert not np.array_equal(first.x_test, digits(DATA.at(partition=1)).x_test)


def test_neither_part_is_ever_empty():
    assert len(digits(DATA, test_size=1e-9).y_test) == 1
    with pytest.raises(DataError, match="one class only"):
        digits(DATA, test_size=1 - 1e-9)


def test_npz_is_taken_as_it_is(write_npz):
    path = write_npz(classes=np.array(["cat", "dog", "eel", "fox"]))
    made = npz(DATA, path=path)
    with np.load(path) as archive:
        assert np.array_equal(made.x_train, archive["x_train"])
        assert np.array_equal(made.y_test, archive["y_test"])
    assert made.classes == ("cat", "dog", "eel", "fox")
    assert made.top == 255
    assert made.y_train.dtype == np.int64


def test_floating_inputs_are_not_scaled(write_npz):
    floats = {"x_train": np.ones((40, 5)), "x_test": np.ones((12, 5))}
    assert npz(DATA, path=write_npz(**floats)).top is None


def test_limits_draw_a_subset_in_the_files_order(write_npz):
    path = write_npz()
    whole = npz(DATA, path=path)
    some = npz(DATA, path=path, train_limit=10, test_limit=5)
    other = npz(DATA.at(partition=1), path=path, train_limit=10, test_limit=5)
    places = [rows(whole.x_train[[i]])[0] for i in range(40)]
    found = [places.index(image.tobytes()) for image in some.x_train]
    assert len(set(found)) == 10
    assert found == sorted(found)
    assert len(some.y_test) == 5
    assert np.array_equal(some.y_train, whole.y_train[found])
    assert not np.array_equal(some.x_train, other.x_train)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"y_test": None, "x_test": None}, "lacks x_test, y_test; it holds x_train, y_train"),
        ({"x_train": np.zeros(40, np.uint8)}, r"x_train has shape \(40,\)"),
        ({"x_train": np.zeros((0, 6, 6), np.uint8)}, "none of them 0"),
        ({"x_train": np.zeros((40, 3, 6, 6), np.uint8)}, "channels .* come last"),
        ({"x_train": np.zeros((40, 6, 6), np.int64)}, "int64; give uint8 or floating"),
        ({"x_train": np.full((40, 6, 6), np.nan)}, "NaN or infinite"),
        ({"x_train": np.zeros((40, 5, 6), np.uint8)}, r"\(5, 6\) but one of x_test"),
        ({"x_train": np.zeros((40, 6, 6), np.float32)}, "they must be alike"),
        ({"y_train": np.zeros(39, np.uint8)}, r"y_train has shape \(39,\) but x_train has 40"),
        ({"y_train": np.zeros((40, 4), np.uint8)}, "give one label each"),
        ({"y_train": np.zeros(40)}, "must hold integers"),
        ({"y_train": np.arange(40) - 1}, "must hold integers 0, 1"),
        ({"y_train": np.zeros(40, np.uint8)}, "one class only"),
        ({"classes": np.array(["a", "b", "c"])}, "label 3 has no name"),
        ({"classes": np.array(["a", None], dtype=object)}, "allow_pickle=False"),
    ],
)
def test_unusable_arrays_are_refused(write_npz, changed, message):
    with pytest.raises(DataError, match=message):
        npz(DATA, path=write_npz(**changed))


def test_a_limit_beyond_the_data_is_refused(write_npz):
    with pytest.raises(DataError, match="train_limit is 41 but there are only 40"):
        npz(DATA, path=write_npz(), train_limit=41)


def test_files_that_are_no_npz_are_refused(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        npz(DATA, path=str(tmp_path / "nowhere.npz"))
    for content in (b"", b"text", b"PK\x03\x04broken"):
        (tmp_path / "bad.npz").write_bytes(content)
        with pytest.raises(DataError, match="cannot be read"):
            npz(DATA, path=str(tmp_path / "bad.npz"))
    np.save(tmp_path / "single.npy", np.zeros(3))
    with pytest.raises(DataError, match="single array"):
        npz(DATA, path=str(tmp_path / "single.npy"))


def write_idx(folder, name, array):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    (folder / name).write_bytes(header + array.astype(np.uint8).tobytes())


def test_an_idx_folder_gives_the_same_as_the_arrays(tmp_path, write_npz):
    path = write_npz()
    with np.load(path) as archive:
        for stem, name in (("train", "train"), ("t10k", "test")):
            write_idx(tmp_path, f"{stem}-images-idx3-ubyte", archive[f"x_{name}"])
            write_idx(tmp_path, f"{stem}-labels-idx1-ubyte", archive[f"y_{name}"])
    mine, other = (make(DATA, path=p) for make, p in ((idx, str(tmp_path)), (npz, path)))
    for field in ("x_train", "y_train", "x_test", "y_test"):
        assert np.array_equal(getattr(mine, field), getattr(other, field))
    assert (mine.classes, mine.top) == (other.classes, other.top)
    assert len(dataset_files(Part("idx", {"path": str(tmp_path)}))) == 4


def test_the_files_read_are_named():
    assert dataset_files(Part("digits")) == []
    assert dataset_files(Part("npz", {"path": "a/b.npz"})) == [Path("a/b.npz")]


@pytest.mark.skipif("SEEDWISE_DATA" not in os.environ, reason="SEEDWISE_DATA names no folder")
@pytest.mark.parametrize(
    ("name", "shape"), [("fashion_mnist.npz", (28, 28)), ("cifar10_12k.npz", (32, 32, 3))]
)
def test_real_images_are_read(name, shape):
    made = npz(DATA, path=str(Path(os.environ["SEEDWISE_DATA"]) / name), train_limit=500)
    assert made.x_train.shape == (500, *shape)
    assert len(made.classes) == 10
    assert set(np.unique(made.y_train)) == set(range(10))
