"""The per-example numbers of the language domain, by the pass that computes them, without torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seedwise.errors import SeedwiseError, did_you_mean

PASSES: Mapping[str, str] = {
    **dict.fromkeys(["loss", "margin", "entropy", "correct"], "forward"),
    **dict.fromkeys(["exact", "extraction", "min-k", "min-k-plus"], "forward"),
    **dict.fromkeys(["loss-paraphrase", "loss-wrong", "probability-wrong"], "answers"),
    **dict.fromkeys(["rouge-recall", "rouge-f1"], "generate"),
    "gradient-norm": "gradient",
    "zlib": "text",
}
"""Every column of the domain with its pass.

Those of `forward` are defined in `seedwise.domains.language.columns`. `loss-paraphrase` is the
loss of the paraphrased answer (of the answer where there is none), `loss-wrong` the mean loss of
the wrong answers, `gradient-norm` the norm over all trained parameters of the gradient of the
answer's loss, `probability-wrong` the sum over them of exp(-loss); `rouge-recall` and
`rouge-f1` compare the greedy answer with the true one by ROUGE-L; `zlib` is the number of bytes of
the compressed answer.
"""


def check_columns(columns: Sequence[str]) -> None:
    """Refuse unknown columns.

    Raises:
        SeedwiseError: Naming one.
    """
    for column in columns:
        if column not in PASSES:
            raise SeedwiseError(f"no column '{column}'; {did_you_mean(column, PASSES)}")
