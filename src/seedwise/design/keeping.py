"""What a study keeps of its models: weights by `keep`, as far as they fit."""

from __future__ import annotations

from seedwise.design.cells import Design

_UNITS = {"MB": 1e6, "GB": 1e9, "TB": 1e12}
_AUTO_BYTES = 10e9


def keeps_weights(design: Design, stage: str, original: float | None) -> bool:
    """Return whether the weights of a model are kept.

    Originals and references are kept unless `none`; unlearned models if all of them fit.

    Args:
        design: The study.
        stage: `train`, `retrain` or `unlearn`.
        original: Bytes of the weights of its original, None where those are not kept.
    """
    policy = design.lock.keep
    if policy in ("all", "none") or stage != "unlearn":
        return policy != "none"
    runs = sum(cell.stage == "unlearn" for cell in design.cells.values())
    return original is not None and runs * original <= budget(policy)


def budget(policy: str) -> float:
    """Return the bytes that `auto` or a size such as `500 MB` stands for.

    Example:
        >>> budget("500 MB")
        500000000.0
    """
    if policy == "auto":
        return _AUTO_BYTES
    return float(policy[:-2]) * _UNITS[policy[-2:]]
