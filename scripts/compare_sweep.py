"""Compare the points of a sweep, in a table and a picture."""

from headstart.core.files import atomic, read_json
from headstart.core.stage import stage
from headstart.data import manifests
from headstart.formats import predictions as predicted
from headstart.report import sweep_results


def main(*, metrics, predictions, manifest, points, csv, png, title):
    """Write the results of a sweep's points as a table to ``csv`` and as a picture to ``png``.

    ``metrics`` and ``predictions`` list a file a point. The validation part is reported: choosing by the test part
    would spend it.
    """
    found = [read_json(path, ["diverged", "parts"]) for path in metrics]
    found = [one["parts"]["validation"] | {"diverged": one["diverged"]} for one in found]
    parts = [predicted.read(path)[0]["validation"] for path in predictions]
    frame = sweep_results.table(points, found, sweep_results.worse(parts, manifests.read(manifest)))
    print(frame.to_string(index=False))
    with atomic(csv) as temporary:
        frame.to_csv(temporary, index=False, float_format="%.4f", lineterminator="\n")
    with atomic(png) as temporary:
        sweep_results.draw(frame, list(points[0]), title, temporary)


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        main(
            metrics=snakemake.input.metrics,
            predictions=snakemake.input.predictions,
            manifest=snakemake.input.manifest,
            points=snakemake.params.points,
            csv=snakemake.output.csv,
            png=snakemake.output.png,
            title=snakemake.params.title,
        )
