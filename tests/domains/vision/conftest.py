from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def write_npz(tmp_path):
    """Write a small data set, with some arrays replaced or (None) left out."""

    def write(**changed):
        draw = np.random.default_rng(0)
        arrays = {
            "x_train": draw.integers(0, 256, size=(40, 6, 6), dtype=np.uint8),
            "y_train": np.arange(40, dtype=np.uint8) % 4,
            "x_test": draw.integers(0, 256, size=(12, 6, 6), dtype=np.uint8),
            "y_test": np.arange(12, dtype=np.uint8) % 4,
        }
        arrays.update(changed)
        path = tmp_path / "data.npz"
        np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
        return str(path)

    return write
