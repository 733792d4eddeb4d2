"""The IDX file format of MNIST and its relatives, plain or gzipped.

Format: http://yann.lecun.com/exdb/mnist (two zero bytes, a type code, the number of dimensions,
big-endian sizes, then the values in row-major order).
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from seedwise.errors import DataError

_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_STEMS = {
    "x_train": ("train-images", "idx3-ubyte"),
    "y_train": ("train-labels", "idx1-ubyte"),
    "x_test": ("t10k-images", "idx3-ubyte"),
    "y_test": ("t10k-labels", "idx1-ubyte"),
}


def idx_files(folder: Path) -> dict[str, Path]:
    """Find the four files of an MNIST-style folder.

    Returns:
        The paths of `x_train`, `y_train`, `x_test`, `y_test`.

    Raises:
        DataError: If the folder or one of the files does not exist.
    """
    if not folder.is_dir():
        raise DataError(f"'{folder}' is not a folder; give the one that holds the four IDX files")
    return {name: _find(folder, *stem) for name, stem in _STEMS.items()}


def read_idx(path: Path) -> np.ndarray:
    """Read one IDX file.

    Raises:
        DataError: If it is not an IDX file, or holds more or fewer values than it announces.
    """
    content = _content(path)
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _TYPES:
        raise DataError(f"'{path}' is not an IDX file: it begins with {content[:4].hex(' ')}")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise DataError(f"'{path}' ends inside its header")
    shape = tuple(int(n) for n in np.frombuffer(content[4:start], dtype=">u4"))
    kind = np.dtype(_TYPES[content[2]])
    announced = math.prod(shape) * kind.itemsize
    if len(content) - start != announced:
        raise DataError(
            f"'{path}' announces {announced} bytes of values (shape {shape}) "
            f"but holds {len(content) - start}; was the download cut off?"
        )
    return np.frombuffer(content, dtype=kind, offset=start).reshape(shape)


def _find(folder: Path, stem: str, kind: str) -> Path:
    names = [f"{stem}{joint}{kind}{end}" for joint in "-." for end in ("", ".gz")]
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise DataError(f"no '{names[0]}' in '{folder}'; looked for {', '.join(names)}")


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"'{path}' is a damaged gzip file ({error})") from error
