"""OpenUnlearning's data in its own words: how each is trained on, unlearned from and evaluated.

Read off its configs/experiment and scripts of TOFU (Maini et al., 2024), MUSE (Shi et al., ICLR
2025) and WMDP (Li et al., ICML 2024).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Words = tuple[str, ...]


@dataclass(frozen=True)
class Data:
    """A forget set that it has configs for.

    Args:
        family: The benchmark: `tofu`, `muse`, `wmdp`.
        name: What task names call the forget set.
        kept: What task names call the rest.
        full: Words that finetune on everything; none where it has no such config.
        retained: Words that finetune on the rest, likewise.
        unlearn: Words of an unlearning run besides its experiment.
        evaluate: Words of an evaluation.
        log: The file of an evaluation that others are compared with; empty where none is.
        experiments: Its configs of unlearning.
        trainers: The trainers these fit; None for all.
        batch: Examples a step where the study does not say.
        most: Examples a device at once, at most.
        steps: Whether its config fixes the number of steps, so that epochs say nothing.
    """

    family: str
    name: str
    kept: str
    full: Words
    retained: Words
    unlearn: Words
    evaluate: Words
    log: str = ""
    experiments: tuple[str, ...] = ("default",)
    trainers: tuple[str, ...] | None = None
    batch: int = 32
    most: int = 4
    steps: bool = False


def _tofu(percent: str) -> Data:
    forget, holdout = f"forget{percent}", f"holdout{percent}"
    kept = f"retain{100 - int(percent)}"
    return Data(
        family="tofu",
        name=forget,
        kept=kept,
        full=_tofu_training("TOFU_QA_full", "full"),
        retained=_tofu_training("TOFU_QA_retain", kept),
        unlearn=(f"forget_split={forget}", f"retain_split={kept}"),
        evaluate=(f"forget_split={forget}", f"holdout_split={holdout}"),
        log="TOFU_EVAL.json",
        experiments=("default", "idk"),
    )


def _tofu_training(data: str, part: str) -> Words:
    return (
        "experiment=finetune/tofu/default.yaml",
        f"data/datasets@data.train={data}",
        f"data.train.{data}.args.hf_args.name={part}",
    )


def _muse(name: str) -> Data:
    split = f"data_split={name}"
    training = ("experiment=finetune/muse/default.yaml", split)
    return Data(
        family="muse",
        name=name,
        kept="retain",
        full=(*training, "data_sub_set=full"),
        retained=(*training, "data_sub_set=retain"),
        unlearn=(split,),
        evaluate=(split,),
        log="MUSE_EVAL.json",
    )


def _wmdp(name: str) -> Data:
    split = (f"data_split={name}",)
    return Data(
        family="wmdp",
        name=name,
        kept="retain",
        full=(),
        retained=(),
        unlearn=split,
        evaluate=split,
        trainers=("RMU",),
        batch=16,
        most=1,
        steps=True,
    )


DATA: Mapping[str, Data] = {
    **{f"forget{percent}": _tofu(percent) for percent in ("01", "05", "10")},
    **{f"MUSE-{name}": _muse(name) for name in ("News", "Books")},
    **{f"WMDP-{name}": _wmdp(name) for name in ("bio", "cyber")},
}
"""By the names that studies use."""
