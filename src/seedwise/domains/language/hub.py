"""Directories in the format of the Hugging Face hub: where they are, and what they must hold."""

from __future__ import annotations

import hashlib
from pathlib import Path

from seedwise.errors import DataError

_WANTED = ["*.safetensors", "*.json", "*.jinja", "*.model", "*.txt"]
_CONVERT = (
    "convert it once, where you trust it: "
    "AutoModelForCausalLM.from_pretrained('{path}').save_pretrained('converted'), and the "
    "same with AutoTokenizer"
)


def check_model(directory: Path, name: str | None = None) -> Path:
    """Return a model's directory that has its configuration and safetensors files.

    Args:
        directory: The directory.
        name: What the person calls it, where that is not the directory.

    Raises:
        DataError: If it has not, or one is damaged; the message says how to convert other weights.
    """
    called = name or str(directory)
    if not (directory / "config.json").is_file():
        what = "it has no config.json" if directory.is_dir() else "there is no such directory"
        raise DataError(f"'{called}' is no directory of a model: {what}")
    if not weight_files(directory):
        raise DataError(
            f"'{called}' has no .safetensors file; weights are read from those alone, because "
            f"other formats may run code when opened; {_CONVERT.format(path=called)}"
        )
    for file in weight_files(directory):
        _check_header(file)
    return directory


def _check_header(file: Path) -> None:
    """Refuse a file that was cut short, or that git left as the pointer to a large one."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "np"):
            pass
    except SafetensorError as error:
        raise DataError(
            f"'{file}' is damaged or no safetensors file: {error}; download it again (a clone "
            "without git-lfs holds pointers only)"
        ) from error


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

    The directory is named by the commit.

    Args:
        name: Its id, e.g. `EleutherAI/pythia-14m`.
        revision: Branch, tag or commit.

    Raises:
        DataError: If there is no such model, it has no safetensors file, or the hub cannot be
            reached.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        found = snapshot_download(name, revision=revision, allow_patterns=_WANTED)
    except (HFValidationError, HfHubHTTPError, OSError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        at = f" at '{revision}'" if revision else ""
        raise DataError(
            f"no model '{name}'{at} of the Hugging Face hub could be downloaded: {reason}"
        ) from error
    return check_model(Path(found), name)


def branch_file(directory: Path, revision: str | None) -> Path:
    """Return the file of the hub's cache that says at which commit a branch or tag is.

    Another download changes it; there is none where the revision is a commit.
    """
    return directory.parents[1] / "refs" / (revision or "main")
