"""The options that several verbs share: one name, one meaning, everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Study = Annotated[Path, typer.Argument(help="The study file (YAML).", show_default=False)]
Store = Annotated[Path, typer.Option("--store", help="Folder that holds the results.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change the study, e.g. seeds.training=5; may be repeated."),
]
Level = Annotated[float, typer.Option("--level", help="Confidence level.", min=0.5, max=0.999)]
StudyName = Annotated[
    str | None, typer.Option("--study", help="Which study of the store (if it holds several).")
]

Table = Annotated[
    Path | None,
    typer.Argument(
        help="A table made anywhere (.csv, .tsv, .parquet, .jsonl); without it, a study in the "
        "store."
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="Name of a column, e.g. training_seed=seed; may be repeated.",
    ),
]
Wide = Annotated[
    list[str] | None,
    typer.Option(
        "--wide",
        help="Columns with one metric each, e.g. forget_acc,retain_acc.",
    ),
]
OneSeed = Annotated[
    Literal["training", "unlearning", "both"] | None,
    typer.Option("--seed", help="What the only seed column numbers."),
]
Reference = Annotated[
    str | None,
    typer.Option(
        "--reference",
        help="What the table calls retraining from scratch.",
    ),
]
Original = Annotated[
    str | None,
    typer.Option(
        "--original",
        help="What the table calls the trained model before unlearning.",
    ),
]
Percent = Annotated[
    bool,
    typer.Option("--percent", help="Shares are percentages."),
]
Unpaired = Annotated[
    bool,
    typer.Option(
        "--unpaired",
        help="Methods were run on different trained models, even where training seeds are equal.",
    ),
]

Partitions = Annotated[
    Literal["fixed", "random"] | None,
    typer.Option(
        "--partitions",
        help="Several partition_seed: claims for these partitions (fixed, the default) or for "
        "others like them.",
    ),
]
Unlearning = Annotated[
    Literal["nested", "crossed"] | None,
    typer.Option(
        "--unlearning",
        help="Equal unlearning seeds under two trained models: unrelated (nested, the default) or "
        "one and the same draw.",
    ),
]

Missing = Annotated[
    Literal["drop", "worst"] | None,
    typer.Option(
        "--missing",
        help="Runs without a value: left out and counted (drop, the default), or counted as the "
        "worst value the metric can take.",
    ),
]

Metrics = Annotated[
    list[str] | None, typer.Option("--metric", help="Only this metric; may be repeated.")
]
Format = Annotated[
    Literal["table", "json", "csv", "latex"], typer.Option("--format", help="How to print it.")
]

DEFAULT_STORE = Path("runs")
