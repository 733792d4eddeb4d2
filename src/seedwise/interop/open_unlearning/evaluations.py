"""The values in OpenUnlearning's SUMMARY and EVAL files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from seedwise.interop.imported import Value
from seedwise.interop.json_files import by_index, number, read_object
from seedwise.interop.starts import natural
from seedwise.interop.trees.layout import Files, Read
from seedwise.metrics.truth_ratio import truth_ratios

Logs = Mapping[str, Any]

_RATIOS = ("forget_truth_ratio", "forget_Truth_Ratio")
_PARAPHRASE, _WRONG = "forget_Q_A_PARA_Prob", "forget_Q_A_PERT_Prob"
_ERROR = "_stderr"
_NO_METRIC = (_ERROR, "/name", "/sample_len", "/sample_count")  # what lm-eval's summaries hold too


def read_files(files: Files) -> Read:
    """Read one evaluation; values of EVAL, which has more, come before those of SUMMARY.

    Args:
        files: `{(benchmark, "SUMMARY" or "EVAL"): file}`.

    Raises:
        TableError: If a file cannot be read.
    """
    values: dict[str, Value] = {}
    found = None
    for (_, kind), file in sorted(files.items()):  # EVAL sorts before SUMMARY
        logs = read_object(file)
        if kind == "EVAL" and found is None:
            found = ratios(logs)
        read = evaluated(logs, file.name) if kind == "EVAL" else summarised(logs, file.name)
        for name, value in read.items():
            if values.get(name, Value(None)).value is None:
                values[name] = value
    return Read(values, found)


def summarised(summary: Logs, source: str) -> dict[str, Value]:
    """Return the values of a flat `{metric: number}`; `*_stderr` are errors over items.

    Example:
        >>> summarised({"mmlu/acc": 0.5, "mmlu/acc_stderr": 0.01}, "LMEval_SUMMARY.json")
        {'mmlu/acc': Value(value=0.5, item_se=0.01, reason='')}
    """
    return {
        name: Value(number(entry), number(summary.get(name + _ERROR)), _reason(entry, source))
        for name, entry in summary.items()
        if not name.endswith(_NO_METRIC)
    }


def evaluated(logs: Logs, source: str) -> dict[str, Value]:
    """Return the aggregates of `{metric: {"agg_value": ..., "value_by_index": ...}}`.

    Other entries are no metrics: lm-eval's hold the answers to a test as a list.
    """
    found = {}
    for name, entry in logs.items():
        if isinstance(entry, Mapping) and {"agg_value", "value_by_index"} & set(entry):
            aggregate = entry.get("agg_value")
            found[name] = Value(number(aggregate), reason=_reason(aggregate, source))
    return found


def ratios(logs: Logs) -> np.ndarray | None:
    """Return truth ratios as stored, or from the losses of paraphrase and wrong answers.

    Args:
        logs: The content of an EVAL file.

    Returns:
        (n,), NaN where a question has none; None if the file has neither.

    Example:
        >>> ratios({"forget_truth_ratio": {"value_by_index": {"1": {"score": 2.0}, "0": None}}})
        array([nan,  2.])
    """
    for name in _RATIOS:
        stored = _column(logs, name, "score")
        if stored:
            return _ordered(stored)
    paraphrase, wrong = (_column(logs, name, "avg_loss") for name in (_PARAPHRASE, _WRONG))
    if not paraphrase or paraphrase.keys() != wrong.keys():
        return None
    losses = {"loss-paraphrase": _ordered(paraphrase), "loss-wrong": _ordered(wrong)}
    with np.errstate(over="ignore"):  # a collapsed model: infinite, which is as good as any rank
        return truth_ratios(losses)


def _column(logs: Logs, metric: str, key: str) -> dict[str, float]:
    entry = logs.get(metric)
    rows = by_index(entry.get("value_by_index")) if isinstance(entry, Mapping) else {}
    return dict(_numbers(rows, key))


def _numbers(rows: Mapping[str, Any], key: str) -> Iterator[tuple[str, float]]:
    for index, row in rows.items():
        value = number(row.get(key)) if isinstance(row, Mapping) else None
        yield index, np.nan if value is None else value


def _ordered(column: Mapping[str, float]) -> np.ndarray:
    return np.array([column[index] for index in sorted(column, key=natural)], dtype=float)


def _reason(value: Any, source: str) -> str:
    if number(value) is not None:
        return ""
    return f"null in {source}" if value is None else f"not a number in {source}"
