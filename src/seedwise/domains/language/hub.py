"""Directories in the format of the Hugging Face hub: where they are, and what they must hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

from seedwise.errors import DataError

_WANTED = ["*.safetensors", "*.json", "*.jinja", "*.model", "*.txt"]
_CONVERT = (
    "convert it once, where you trust it: "
    "AutoModelForCausalLM.from_pretrained('{path}').save_pretrained('converted')"
)


def check_model(directory: Path) -> Path:
    """Return a model's directory that has its configuration and safetensors files.

    Raises:
        DataError: If it has not; the message says how to convert other weights.
    """
    if not (directory / "config.json").is_file():
        what = "it has no config.json" if directory.is_dir() else "there is no such directory"
        raise DataError(f"'{directory}' is no directory of a model: {what}")
    if not weight_files(directory):
        raise DataError(
            f"'{directory}' has no .safetensors file; weights are read from those alone, because "
            f"other formats may run code when opened; {_CONVERT.format(path=directory)}"
        )
    return directory


def weight_files(directory: Path) -> list[Path]:
    """Return the safetensors files of a directory itself, by name."""
    return sorted(directory.glob("*.safetensors"))


def identity(directory: Path) -> str:
    """Return the SHA-256 of a model's configuration and weights, by the names of their files."""
    state = hashlib.sha256()
    for file in [directory / "config.json", *weight_files(directory)]:
        with file.open("rb") as handle:
            state.update(
                f"{file.name}|{hashlib.file_digest(handle, 'sha256').hexdigest()}|".encode()
            )
    return state.hexdigest()


def downloaded(name: str, revision: str | None = None) -> Path:
    """Return where the files of a model of the hub are, downloaded unless they are there already.

    Args:
        name: Its id, e.g. `EleutherAI/pythia-14m`.
        revision: Branch, tag or commit.

    Raises:
        DataError: If there is no such model, or the hub cannot be reached.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=_WANTED))
    except (HFValidationError, HfHubHTTPError, OSError) as error:
        raise DataError(
            f"no model '{name}' of the Hugging Face hub could be downloaded: {error}; a directory "
            "of this machine is given by 'path'"
        ) from error
