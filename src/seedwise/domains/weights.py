"""A torch model's numbers: their digest, and safetensors files of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as serialised
from torch import Tensor, nn

from seedwise.contracts import Artifact
from seedwise.errors import DataError, NonFiniteError


def tensors(model: nn.Module) -> dict[str, Tensor]:
    """Return all parameters and buffers by name, in the order of their names."""
    named = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {name: named[name].detach() for name in sorted(named)}


def check_finite(model: nn.Module) -> None:
    """Refuse a model that diverged.

    Raises:
        NonFiniteError: Naming the first tensor with NaN or infinite values.
    """
    for name, tensor in tensors(model).items():
        _check_finite(name, tensor)


def _check_finite(name: str, tensor: Tensor) -> None:
    if not torch.isfinite(tensor).all():
        wrong = int((~torch.isfinite(tensor)).sum())
        raise NonFiniteError(
            f"{wrong} of {tensor.numel()} values of '{name}' are NaN or infinite: the "
            "optimisation diverged; a smaller learning rate may help"
        )


def digest(model: nn.Module) -> str:
    """Return the SHA-256 over names, types, shapes and bytes of all parameters and buffers.

    Raises:
        NonFiniteError: If a value is NaN or infinite.
    """
    return digest_of(tensors(model).items())


def digest_of(named: Iterable[tuple[str, Tensor]]) -> str:
    """Return the SHA-256 over tensors that are given one after the other, in their order.

    Raises:
        NonFiniteError: If a value is NaN or infinite.
    """
    state = hashlib.sha256()
    for name, tensor in named:
        _check_finite(name, tensor)
        state.update(f"{name}|{tensor.dtype}|{tuple(tensor.shape)}|".encode())
        state.update(tensor.cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return state.hexdigest()


def save(model: nn.Module, path: Path) -> Artifact:
    """Write all parameters and buffers to a safetensors file; equal models give equal files."""
    return write(tensors(model), path)


def write(named: Mapping[str, Tensor], path: Path) -> Artifact:
    """Write tensors to a safetensors file."""
    content = serialised({name: tensor.contiguous() for name, tensor in named.items()})
    path.write_bytes(content)  # an OSError, as for every other file, where the disk is full
    return Artifact(path, hashlib.sha256(content).hexdigest())


def load(model: nn.Module, path: Path) -> None:
    """Fill a model from a safetensors file.

    Raises:
        DataError: If the file is none (a pickle is never opened), or does not fit the model.
    """
    fill(tensors(model), read(path), path)


def fill(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor], path: Path) -> None:
    """Set tensors to those of a file.

    Raises:
        DataError: If names, shapes or types differ.
    """
    _check_names(path, found, wanted)
    for name, tensor in wanted.items():
        _check_fit(path, name, found[name], tensor)
        tensor.copy_(found[name])


def read(path: Path) -> dict[str, Tensor]:
    """Read a safetensors file.

    Raises:
        DataError: If it is none.
    """
    check_file(path)
    try:
        return load_file(path)
    except SafetensorError as error:
        raise DataError(f"'{path}' is damaged or no safetensors file: {error}") from error


def check_file(path: Path) -> None:
    """Refuse what is no safetensors file by its name, or is not there.

    Raises:
        DataError: Saying how to convert other formats.
    """
    if path.suffix != ".safetensors":
        raise DataError(
            f"'{path}' is not a .safetensors file; weights are read from those alone, because "
            "other formats may run code when opened. Convert it once, where you trust it: "
            "safetensors.torch.save_file(torch.load('model.pt', weights_only=True), "
            "'model.safetensors')"
        )
    if not path.is_file():
        raise DataError(f"there is no file '{path}'")


def _check_names(path: Path, found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    for verb, names in (("lacks", set(wanted) - set(found)), ("has", set(found) - set(wanted))):
        if names:
            raise DataError(
                f"'{path}' {verb} tensors {', '.join(sorted(names))}; "
                f"the model's are {', '.join(wanted)}"
            )


def _check_fit(path: Path, name: str, found: Tensor, wanted: Tensor) -> None:
    if found.shape != wanted.shape or found.dtype != wanted.dtype:
        raise DataError(
            f"tensor '{name}' of '{path}' is {found.dtype} {tuple(found.shape)} "
            f"but the model's is {wanted.dtype} {tuple(wanted.shape)}"
        )
