"""The metrics of OpenUnlearning by their own names: what values are possible, which are good.

On the forget set as elsewhere the retrained model is the target: a value beyond its is no gain.
Definitions: github.com/locuslab/open-unlearning, src/evals/metrics and configs/eval.
"""

from __future__ import annotations

from collections.abc import Mapping

from seedwise.contracts import MetricSpec
from seedwise.interop.retrained import RANK

_SHARES = [
    "extraction_strength",
    "exact_memorization",
    "model_utility",
    "forget_truth_ratio",
    "forget_Truth_Ratio",
    "retain_Truth_Ratio",
    "ra_Truth_Ratio",
    "wf_Truth_Ratio",
    "forget_Q_A_Prob",
    "forget_Q_A_ROUGE",
    "forget_Q_A_PARA_Prob",
    "forget_Q_A_PARA_ROUGE",
    "forget_Q_A_PERT_Prob",
    "forget_Q_A_PERT_ROUGE",
    "retain_Q_A_Prob",
    "retain_Q_A_ROUGE",
    "retain_Q_A_PARA_Prob",
    "retain_Q_A_PERT_Prob",
    "ra_Q_A_Prob",
    "ra_Q_A_Prob_normalised",
    "ra_Q_A_ROUGE",
    "ra_Q_A_PERT_Prob",
    "wf_Q_A_Prob",
    "wf_Q_A_Prob_normalised",
    "wf_Q_A_ROUGE",
    "wf_Q_A_PERT_Prob",
    "forget_Q_A_gibberish",
    "forget_gibberish",
    "forget_knowmem_ROUGE",
    "retain_knowmem_ROUGE",
    "forget_verbmem_ROUGE",
    "mia_loss",
    "mia_zlib",
    "mia_min_k",
    "mia_min_k_plus_plus",
    "mia_gradnorm",
    "mia_reference",
]


def _share(name: str) -> MetricSpec:
    return MetricSpec(name, bounds=(0.0, 1.0), unit="share")


SPECS: Mapping[str, MetricSpec] = {
    **{name: _share(name) for name in _SHARES},
    "privleak": MetricSpec("privleak", bounds=(-100.0, None), null=0.0, unit="%"),
    "forget_quality": MetricSpec("forget_quality", direction="higher", bounds=(0.0, 1.0), unit="p"),
    RANK: MetricSpec(RANK, direction="higher", bounds=(0.0, 1.0), unit="p"),
}
"""Specs by name."""
