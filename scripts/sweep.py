"""Gather and draw what every point of a sweep gave."""

import json

from headstart import sweeps
from headstart.files import atomic
from headstart.stage import stage


def main(*, metrics, points, csv, png, title):
    """Write the metrics files of a sweep's points as a table to ``csv`` and as a picture to ``png``.

    The validation part is reported: choosing by the test part would spend it.
    """
    found = []
    for path in metrics:
        with open(path, encoding="utf-8") as file:
            found.append(json.load(file)["parts"]["validation"])
    frame = sweeps.table(points, found)
    print(frame.to_string(index=False))
    with atomic(csv) as temporary:
        frame.to_csv(temporary, index=False, float_format="%.4f", lineterminator="\n")
    with atomic(png) as temporary:
        sweeps.draw(frame, list(points[0]), title, temporary)


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        main(
            metrics=snakemake.input.metrics,
            points=snakemake.params.points,
            csv=snakemake.output.csv,
            png=snakemake.output.png,
            title=snakemake.params.title,
        )
