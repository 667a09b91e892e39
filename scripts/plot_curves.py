"""Plot the training curves of one recipe, and judge them in words."""

from headstart.core.files import atomic
from headstart.core.stage import stage
from headstart.data import manifests
from headstart.formats import predictions
from headstart.report import curves


def main(*, histories, members, manifest, csv, png, txt, title):
    """Write the members' histories as one table to ``csv``, and as a picture with a verdict in words to ``png``.

    The verdict alone goes to ``txt``. ``histories`` and ``members`` list history.csv and predictions.h5 of each member.
    """
    frame, images = curves.table(histories), manifests.read(manifest)
    parts = [predictions.read(path)[0] for path in members]
    right, rows = curves.held_out(parts, images)
    words = curves.verdict(frame, right, rows, curves.trained(parts[0], images))
    print(words)
    with atomic(csv) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")
    with atomic(png) as temporary:
        curves.draw(frame, title, words, temporary)
    with atomic(txt) as temporary:
        temporary.write_text(f"{words}\n", encoding="utf-8")


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        main(
            histories=snakemake.input.histories,
            members=snakemake.input.members,
            manifest=snakemake.input.manifest,
            csv=snakemake.output.csv,
            png=snakemake.output.png,
            txt=snakemake.output.txt,
            title=f"{snakemake.wildcards.dataset} {snakemake.wildcards.recipe}",
        )
