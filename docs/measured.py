"""Write the shipped table of measured components from a store: `python docs/measured.py runs`.

Rows of other domains in the table are kept.
"""

import csv
import sys
from pathlib import Path

from seedwise import api
from seedwise.interop.store import find_lock
from seedwise.results.assumed import Measured, shipped
from seedwise.store import FileStore

TABLE = Path(__file__).parents[1] / "src" / "seedwise" / "results" / "measured.csv"


def rows(store: str, study: str) -> list[Measured]:
    """Return the components of every method and metric of a study that can be told apart."""
    domain = find_lock(FileStore(store), study).domain.name
    summary = api.pilot(store, study).summary()
    known = summary[summary["icc"].notna() & (summary["var_total"] > 0)]
    known = known[~known["metric"].isin(["runtime", "peak-memory"])]
    return [
        Measured(
            domain,
            row.task,
            row.method,
            row.metric,
            row.n_training_seeds,
            row.n_unlearning_seeds_max,
            (row.var_train + row.var_unlearn) ** 0.5,
            row.icc,
        )
        for row in known.itertuples()
    ]


def main(store: str, study: str) -> None:
    """Replace the rows of one domain."""
    found = rows(store, study)
    table = [row for row in shipped() if row.domain != found[0].domain] + found
    with TABLE.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(Measured._fields)
        writer.writerows((*row[:-2], f"{row.sd:.4g}", f"{row.rho:.3g}") for row in sorted(table))


if __name__ == "__main__":
    main(*sys.argv[1:])
