"""Inference for nested-seed designs: pure functions, arrays in, frozen results out.

`nested` fits one design (mean, variance components, intervals), `compare` sets two methods side
by side or against a reference, `ranking` says which ranks that allows, `gaps` how far single runs
lie from the reference, `robust` and `bootstrap` hold what is asked for beside the t interval,
`practice` says what a single training seed would have claimed, `flags` is the one list of
warnings. Below them: `layout` (long rows to sufficient statistics of many groups at once),
`anova`, `reml`, `intervals`, `quantiles`, for B groups at once; `means`, `partitioned`, `crossing`
and `two_way` for several partitions and crossed factors, group by group.
"""
