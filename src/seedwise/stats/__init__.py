"""Inference for nested-seed designs: pure functions, arrays in, frozen results out.

`nested` fits one design (mean, variance components, intervals), `compare` sets two methods side
by side, `practice` says what a single training seed would have claimed, `flags` is the one list
of warnings. Below them: `layout` (long rows to sufficient statistics of many groups at once),
`anova`, `reml`, `intervals`, `quantiles`. Every kernel works on B groups at once.
"""
