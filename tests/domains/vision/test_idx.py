from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest

from seedwise.domains.vision.idx import idx_files, read_idx
from seedwise.errors import DataError


def idx_bytes(array, code=0x08):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return header + array.tobytes()


@pytest.mark.parametrize(
    ("code", "kind"),
    [(0x08, "u1"), (0x09, "i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_type_is_read(tmp_path, code, kind, pack):
    values = np.arange(24).reshape(2, 3, 4).astype(kind)
    path = tmp_path / "file"
    path.write_bytes(pack(idx_bytes(values, code)))
    assert np.array_equal(read_idx(path), values)
    assert read_idx(path).dtype == values.dtype


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file"),
        (b"PK\x03\x04rest", "not an IDX file: it begins with 50 4b 03 04"),
        (b"\0\0\x07\x01" + bytes(4), "not an IDX file"),
        (b"\0\0\x08\x03" + bytes(4), "ends inside its header"),
        (idx_bytes(np.zeros((2, 3), np.uint8))[:-1], r"announces 6 bytes .* holds 5"),
        (idx_bytes(np.zeros((2, 3), np.uint8)) + b"x", r"announces 6 bytes .* holds 7"),
        (gzip.compress(idx_bytes(np.zeros(99, np.uint8)), mtime=0)[:-9], "damaged gzip"),
        (b"\x1f\x8b" + bytes(30), "damaged gzip"),
    ],
)
def test_damaged_files_are_refused(tmp_path, content, message):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_idx(path)


def test_both_spellings_and_gzip_are_found(tmp_path):
    names = [
        "train-images.idx3-ubyte",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte",
        "t10k-labels.idx1-ubyte.gz",
    ]
    for name in names:
        (tmp_path / name).touch()
    assert [path.name for path in idx_files(tmp_path).values()] == names


def test_a_missing_file_or_folder_is_named(tmp_path):
    with pytest.raises(DataError, match="no 'train-images-idx3-ubyte'"):
        idx_files(tmp_path)
    with pytest.raises(DataError, match="not a folder"):
        idx_files(tmp_path / "nowhere")
