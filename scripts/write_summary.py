"""Gather all metrics in one table."""

from pathlib import Path

from headstart.core.files import atomic
from headstart.core.stage import stage
from headstart.data import duplicates, manifests
from headstart.report import summary


def main(*, metrics, audits, inspected, csv, html, lecture, off):
    """Write the results table to ``csv`` and ``html``; see `summary.table`.

    ``inspected`` lists the paths of the manifests, ``<dataset>/manifest.csv``.
    """
    images = [(Path(path).parent.name, duplicates.notes(manifests.read(path))) for path in inspected]
    with atomic(csv) as temporary:
        table = summary.table(metrics, lecture, off, audits, images)
        table.to_csv(temporary, index=False, float_format="%.4f", lineterminator="\n")
    with atomic(html) as temporary:
        temporary.write_text(summary.html(csv), encoding="utf-8")


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        main(
            metrics=snakemake.input.metrics,
            audits=snakemake.input.audits,
            inspected=snakemake.input.manifests,
            csv=snakemake.output.csv,
            html=snakemake.output.html,
            lecture=snakemake.params.lecture,
            off=snakemake.params.off,
        )
