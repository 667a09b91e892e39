"""Gather and draw the training curves of one recipe."""

from headstart import curves, splits
from headstart.files import atomic
from headstart.stage import stage


def main(*, histories, split, validated, csv, png, txt, title, classes):
    """Write the members' histories as one table to ``csv``, and as a picture with a verdict in words to ``png``.

    The words alone go to ``txt``. ``validated`` lists the folds that members validated on.
    """
    frame = curves.table(histories)
    words = curves.verdict(frame, splits.read(split)["fold"].isin(validated).sum(), classes)
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
            split=snakemake.input.split,
            validated=snakemake.params.validated,
            csv=snakemake.output.csv,
            png=snakemake.output.png,
            txt=snakemake.output.txt,
            title=f"{snakemake.wildcards.dataset} {snakemake.wildcards.recipe}",
            classes=len(snakemake.params.classes),
        )
