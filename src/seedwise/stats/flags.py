"""The one list of flags: what each warning or information means, in a sentence.

A result carries codes; this is where a report looks up what to print beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np


class Flag(NamedTuple):
    """A condition a reader should know of: a warning limits what may be claimed."""

    kind: Literal["warning", "information"]
    meaning: str


def _warning(meaning: str) -> Flag:
    return Flag("warning", meaning)


def _information(meaning: str) -> Flag:
    return Flag("information", meaning)


FLAGS: Mapping[str, Flag] = MappingProxyType(
    {
        "single_training_seed": _warning(
            "One training seed: nothing can be said about other trained models, so there is no "
            "interval for the mean."
        ),
        "few_training_seeds": _warning(
            "Fewer than 5 training seeds: intervals are wide and rest on near-normal values."
        ),
        "few_partitions": _warning(
            "Fewer than 5 partitions stand for all others: intervals are wide and rest on "
            "near-normal values."
        ),
        "single_reference": _warning(
            "One retrained model for all training seeds: the gap holds for this reference only."
        ),
        "components_confounded": _warning(
            "One unlearning seed per training seed: the two variances cannot be told apart."
        ),
        "below_chance": _warning(
            "Training seeds differ less than chance would let them: look for unlearning seeds "
            "that are shared between training seeds, or reused."
        ),
        "degenerate": _warning(
            "The values (or the means of the training seeds) are all equal: there is no spread "
            "an interval could rest on."
        ),
        "near_bound": _warning(
            "The interval reaches beyond the metric's bound: the values are skewed, and the t "
            "interval covers less than it says."
        ),
        "coarse_metric": _warning(
            "One step of the metric (one example more or less) exceeds the half-width: the "
            "interval says less than the metric's grain."
        ),
        "missing_cells": _warning("Runs of the grid are missing; see n_missing."),
        "failed_cells": _warning(
            "Runs failed: the estimates are conditional on success; see n_failed."
        ),
        "labels_recur": _warning(
            "The same unlearning-seed labels recur under all training seeds and have an effect "
            "of their own: they are crossed, not nested."
        ),
        "duplicate_training_seeds": _warning(
            "Two training seeds are identical on every metric: they are one model counted twice."
        ),
        "optional_stopping": _warning(
            "Training seeds were added after a look at the results, outside a stopping rule: the "
            "intervals ci_*_looks hold at all n_looks looks together.",
        ),
        "percent_suspected": _warning(
            "The values look like percentages, but the metric is a share between 0 and 1."
        ),
        "declared_deterministic_but_not": _warning(
            "The method declares itself deterministic, but two unlearning seeds gave different "
            "results."
        ),
        "single_partition": _information(
            "One draw of the data partition: everything holds for this partition."
        ),
        "no_unlearning_stage": _information(
            "No unlearning is run here, so there is no variance between unlearning seeds."
        ),
        "boundary": _information(
            "A variance component is estimated as 0, the least a variance can be; the raw estimate "
            "shows what the data alone say."
        ),
        "unbalanced": _information("The numbers of runs per training seed differ."),
        "deterministic": _information(
            "The method is deterministic: one run per training seed is all there is."
        ),
        "pairing_by_label": _information(
            "Paired by the label of the training seed, since the table has no hashes of the "
            "originals: equal labels are taken for equal models."
        ),
        "reference_paired": _information(
            "The references are paired with the originals by training seed, as the study says."
        ),
        "worst_imputed": _information(
            "Missing and failed values count as the worst value that the metric can take."
        ),
        "direction_unknown": _information("It is not known which values of the metric are good."),
    }
)


def collect(masks: Mapping[str, np.ndarray]) -> list[tuple[str, ...]]:
    """Turn one mask per code into one tuple of codes per group, in the order of `FLAGS`.

    Args:
        masks: `{code: (B,) booleans}`.

    Raises:
        KeyError: If a code is not in `FLAGS`.

    Example:
        >>> collect({"boundary": np.array([True, False])})
        [('boundary',), ()]
    """
    unknown = set(masks) - set(FLAGS)
    if unknown:
        raise KeyError(f"not in the list of flags: {', '.join(sorted(unknown))}")
    codes = [code for code in FLAGS if code in masks]
    table = np.array([np.asarray(masks[code], dtype=bool) for code in codes])
    # Groups share few patterns: one tuple for each.
    bits = (np.int64(1) << np.arange(len(codes))) @ table if codes else np.zeros(0, dtype=int)
    _, first, place = np.unique(bits, return_index=True, return_inverse=True)
    patterns = [
        tuple(code for code, is_set in zip(codes, column, strict=True) if is_set)
        for column in table.T[first]
    ]
    return [patterns[at] for at in place]


def ordered(codes: Iterable[str]) -> tuple[str, ...]:
    """Return codes without repetition, in the order of `FLAGS`.

    Example:
        >>> ordered(["boundary", "few_training_seeds", "boundary"])
        ('few_training_seeds', 'boundary')
    """
    given = set(codes)
    return tuple(code for code in FLAGS if code in given)


def join(codes: Iterable[str]) -> str:
    """Return codes as they stand in a table's `flags` column.

    Example:
        >>> join(["boundary", "few_training_seeds"])
        'few_training_seeds, boundary'
    """
    return ", ".join(ordered(codes))


def split(text: str) -> tuple[str, ...]:
    """Return the codes of a table's `flags` column.

    Example:
        >>> split("few_training_seeds, boundary")
        ('few_training_seeds', 'boundary')
    """
    return tuple(text.split(", ")) if text else ()
