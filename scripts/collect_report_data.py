"""Collect the report's data of one dataset."""

from pathlib import Path

from headstart.core.files import read_json, write_json
from headstart.core.stage import stage
from headstart.data import duplicates, manifests
from headstart.report import overview, page, sections

FIGURES = ("learning", "calibration", "confusion", "split")


def main(
    *,
    target,
    name,
    inspected,
    recipes,
    random,
    lecture,
    metrics,
    ensembles,
    models,
    verdicts,
    figures,
    gallery,
    layers,
    previews,
    manifest,
    leakage,
):
    """Write the page's data of one dataset to ``target``, JSON.

    ``recipes`` is ``{name: recipe}``, ``random`` names the recipes that split at random. ``figures`` is ``{figure:
    SVG}``, ``lecture`` ``{recipe: the lecture's figures}``. ``leakage`` is the path of a leakage check or None. The
    others are paths, or lists of paths. ``ensembles`` are the averaged predictions, ``<recipe>/predictions.h5``.
    """
    images = manifests.read(manifest)
    sets = sections.ranked(metrics, models, ensembles, recipes, lecture, images, random)
    curves = sections.curves(verdicts, recipes)
    note = read_json(metrics[0], ("note",))["note"]
    leak = read_json(leakage, ("sentence", "recipe", "accuracy")) if leakage else None
    grouped = (images["group"] != "").any()
    shown = Path(metrics[0]).parent / f"{inspected}.json"
    content = {
        "name": name,
        "inspected": inspected,
        "overview": overview.summarise(sets, curves, note, duplicates.notes(images), leak),
        "sets": sets,
        "unit": "group" if grouped else "class",
        "curves": curves,
        "gallery": read_json(gallery, ("part", "images", "kinds")),
        "layers": read_json(layers),
        "previews": sections.previews(previews, recipes),
        "confused": sections.confused(read_json(shown, ("classes", "diverged", "parts"))),
        "audit": leak["sentence"] if leak else None,
        **{figure: page.picture(path) for figure, path in figures.items()},
    }
    write_json(target, content)


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        given = snakemake.input
        main(
            target=snakemake.output[0],
            name=snakemake.wildcards.dataset,
            inspected=snakemake.params.inspected,
            recipes=snakemake.params.recipes,
            random=snakemake.params.random,
            lecture=snakemake.params.lecture,
            metrics=given.metrics,
            ensembles=given.ensembles,
            models=given.models,
            verdicts=given.verdicts,
            figures={name: given[name] for name in FIGURES if given.get(name)},
            gallery=given.examples,
            layers=given.layers,
            previews=given.previews,
            manifest=given.manifest,
            leakage=given.leakage[0] if given.leakage else None,
        )
