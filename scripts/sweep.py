"""Gather and draw what every point of a sweep gave."""

from headstart import sweep_results
from headstart.files import atomic, read_json
from headstart.stage import stage


def main(*, metrics, points, csv, png, title):
    """Write the metrics files of a sweep's points as a table to ``csv`` and as a picture to ``png``.

    The validation part is reported: choosing by the test part would spend it.
    """
    found = [read_json(path, ["parts"], ["diverged"]) for path in metrics]
    found = [one["parts"]["validation"] | {"diverged": one["diverged"]} for one in found]
    frame = sweep_results.table(points, found)
    print(frame.to_string(index=False))
    with atomic(csv) as temporary:
        frame.to_csv(temporary, index=False, float_format="%.4f", lineterminator="\n")
    with atomic(png) as temporary:
        sweep_results.draw(frame, list(points[0]), title, temporary)


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        main(
            metrics=snakemake.input.metrics,
            points=snakemake.params.points,
            csv=snakemake.output.csv,
            png=snakemake.output.png,
            title=snakemake.params.title,
        )
