"""Results of the LM Evaluation Harness (github.com/EleutherAI/lm-evaluation-harness).

`results_<time>.json`, or `<name>_<time>.json` where `--output_path` names a file:
`{"results": {test: {"acc,none": x, "acc_stderr,none": e, "alias": ..., "sample_len": n}},
"config": {"model_args": "pretrained=..."}}`, groups being among the tests. The standard errors are
over the items of a test for one model; they are kept beside the values and never taken for an error
over seeds.
"""

from __future__ import annotations

import fnmatch
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seedwise.contracts import MetricSpec
from seedwise.errors import TableError
from seedwise.interop.imported import Imported, Measured, Options, Value, assemble
from seedwise.interop.json_files import number, read_object
from seedwise.interop.patterns import NAMED, needed

_ERROR = "_stderr"
_TIME = "????-??-??T??-??-??*.json"
_NO_MEASURE = ("sample_len", "sample_count", "bypass")  # counts, and 999 of runs without metrics
_MODEL = ("peft", "delta", "pretrained", "model", "path", "engine")
"""Arguments that name the model, as lm-eval ranks them: an adapter comes before its base."""


def read(path: str | Path, options: Options) -> Imported:
    """Read one file, or all files of results below a folder.

    Files of one model are joined; where several hold one value, that of the last file counts,
    files being ordered by the time that their names end in.

    Args:
        path: File or folder.
        options: `pattern`, `original`, `reference` and `leave_out`, which concern the path of the
            model.

    Raises:
        TableError: If there is no such file, no pattern was given, or a model's path does not
            follow it.
    """
    options.only("lm-eval", *NAMED)
    values: dict[str, dict[str, Value]] = defaultdict(dict)
    notes = []
    for file in _files(Path(path)):
        content = read_object(file)
        model = model_path(content) or file.parent.name
        if any(fnmatch.fnmatchcase(model, out) for out in options.leave_out):
            continue
        found = measured(content)
        again = sorted(set(found) & set(values[model]))
        if again:
            notes.append(f"{model}: {', '.join(again)} taken from {file.name}, the last of several")
        values[model] |= found
    pattern = needed(options, "Results of lm-eval", values)
    models = []
    for model, found in values.items():
        place = pattern.place(model)
        seeds = (place.training_seed, place.unlearning_seed)
        models.append(Measured(place.task, place.method, *seeds, found, model))
    names = {metric.partition("/")[0] for found in values.values() for metric in found}
    return assemble(models, specs={name: MetricSpec(name) for name in names}, notes=notes)


def model_path(content: Mapping[str, Any]) -> str:
    """Return the model that a file is about, empty where it does not say.

    Example:
        >>> model_path({"config": {"model_args": "dtype=bfloat16,pretrained=saves/unlearn/a"}})
        'saves/unlearn/a'
        >>> model_path({"config": {"model_args": {"pretrained": "base", "peft": "saves/b"}}})
        'saves/b'
    """
    config = content.get("config")
    given = config.get("model_args") if isinstance(config, Mapping) else None
    if not isinstance(given, Mapping):
        given = dict(re.findall(r"(?:^|,)\s*(\w+)=([^,]+)", str(given or "")))
    named = [str(given[name]).strip() for name in _MODEL if given.get(name)]
    return named[0] if named else str(content.get("model_name") or "")


def measured(content: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values of a file, named `test/measure` or `test/measure/filter`.

    Example:
        >>> measured({"results": {"mmlu": {"acc,none": 0.5, "acc_stderr,none": 0.1, "alias": "m"}}})
        {'mmlu/acc': Value(value=0.5, item_se=0.1, reason='')}
    """
    results = content.get("results")
    found = {}
    for test, entry in (results if isinstance(results, Mapping) else {}).items():
        for measure, given, error in _measures(entry if isinstance(entry, Mapping) else {}):
            value = number(_plain(given))
            if value is not None:
                found[f"{test}/{measure}"] = Value(value, number(_plain(error)))
    return found


def _plain(given: Any) -> Any:
    """Return a number that was written as text, as numbers of single precision are."""
    try:
        return float(given) if isinstance(given, str) else given
    except ValueError:
        return given


def _measures(entry: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return name, value and error; releases before 0.4 name no filter."""
    filtered = any("," in key for key in entry)
    found = []
    for key, given in entry.items():
        name, _, way = key.partition(",")
        if name.endswith(_ERROR) or name in _NO_MEASURE or (filtered and not way):
            continue
        error = entry.get(f"{name}{_ERROR},{way}" if way else f"{name}{_ERROR}")
        found.append((name if way in ("", "none") else f"{name}/{way}", given, error))
    return found


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise TableError(f"there is no file or folder '{path}'")
    found = {*path.rglob("results*.json"), *path.rglob(f"*_{_TIME}")}
    if not found:
        raise TableError(
            f"'{path}' holds no results*.json and no NAME_TIME.json; name the --output_path of "
            "lm-eval"
        )
    return sorted(found, key=lambda file: (file.stem.rpartition("_")[2], str(file)))
