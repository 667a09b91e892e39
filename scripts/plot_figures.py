"""Draw a dataset's figures for the report."""

from pathlib import Path

import pandas as pd

from headstart.core.stage import stage
from headstart.data import manifests, splits
from headstart.evaluation import metrics
from headstart.formats import predictions
from headstart.report import figures, svg


def main(*, histories, ensembles, split, manifest, inspected, targets):
    """Draw the figures of one dataset to ``targets``.

    ``targets`` is ``{figure: path}`` for the figures learning, calibration, confusion and split. ``histories`` lists
    the tables of learning curves, ``<recipe>.csv``. ``ensembles`` lists the averaged predictions,
    ``<recipe>/predictions.h5``. ``inspected`` is the recipe whose confusion matrix is drawn.
    """
    curves = {Path(path).stem: pd.read_csv(path) for path in histories}
    svg.save(targets["learning"], figures.learning_curves(curves))
    parts = {}
    for path in ensembles:
        found, classes = predictions.read(path)
        parts[Path(path).parent.name] = predictions.reported(found)
    svg.save(targets["calibration"], figures.calibration(parts))
    shown = f"{inspected}, diverged" if parts[inspected].diverged else inspected
    matrix = metrics.confusion(parts[inspected], classes)
    svg.save(targets["confusion"], figures.confusion(*figures.worst(matrix, classes, shown)))
    images = splits.read(split).merge(manifests.read(manifest)[["id", "label", "group"]], on="id")
    svg.save(targets["split"], figures.split(figures.split_counts(images)))


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        main(
            histories=snakemake.input.curves,
            ensembles=snakemake.input.ensembles,
            split=snakemake.input.split,
            manifest=snakemake.input.manifest,
            inspected=snakemake.params.inspected,
            targets=dict(snakemake.output.items()),
        )
