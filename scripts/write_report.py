"""Gather all results in one page."""

from pathlib import Path

import pandas as pd
from markupsafe import Markup

from headstart.core.files import read_json
from headstart.core.stage import stage
from headstart.report import leaderboard, page
from headstart.report.lecture import FRAMES

SYSTEMS = ("descent", "edges", "matrix", "pooling", "softmax", "vgg16")


def main(*, template, target, chapters, records, systems, layers):
    """Write the page to ``target`` from the ``chapters``, each dataset's data, and the ``records`` of all members.

    ``systems`` is ``{system: SVG}``, ``layers`` VGG16's as CSV.
    """
    seconds = leaderboard.seconds(records)
    datasets = [read_json(path) for path in chapters]
    for dataset in datasets:
        for row in (row for ranked in dataset["sets"] for row in ranked["rows"]):
            row["seconds"] = seconds.get((dataset["name"], row["recipe"]))
    figures = {name: page.picture(path) for name, path in systems.items() if name != "descent"}
    # Inline, since its frames are shown one after another.
    descent = Path(systems["descent"]).read_text(encoding="utf-8")
    figures["descent"] = Markup(descent[descent.index("<svg") :])
    table = pd.read_csv(layers).to_dict("records")
    page.write(target, template, datasets=datasets, systems=figures, layers=table, frames=FRAMES)


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        main(
            template=snakemake.input.template,
            target=snakemake.output[0],
            chapters=snakemake.input.chapters,
            records=snakemake.input.records,
            systems={name: snakemake.input[name] for name in SYSTEMS},
            layers=snakemake.input.csv,
        )
