"""Gather what the report says of one dataset."""

from pathlib import Path

import numpy as np

from headstart import manifests
from headstart.files import read_json, write_json
from headstart.report import leaderboard, page
from headstart.report.advice import following
from headstart.stage import stage

FIGURES = ("learning", "calibration", "confusion", "split")


def main(
    *,
    target,
    name,
    show,
    recipes,
    lecture,
    metrics,
    models,
    verdicts,
    figures,
    gallery,
    layers,
    previews,
    manifest,
    audit,
):
    """Write what the page says of one dataset to ``target``, JSON.

    ``recipes`` is ``{name: recipe}``, ``figures`` ``{figure: SVG}``, ``lecture`` ``{recipe: what it has}``,
    ``audit`` the path of an audit or None; the others are paths, or lists of those.
    """
    rows = leaderboard.rows(metrics, models, lecture)
    folder = Path(metrics[0]).parent
    for row in rows:
        row["story"] = leaderboard.story(folder / f"{row['recipe']}.provenance.json")
        row["settings"] = leaderboard.settings(recipes[row["recipe"]])
    curves = []
    for path in verdicts:
        recipe, verdict = Path(path).stem, Path(path).read_text(encoding="utf-8").strip()
        curves.append({"recipe": recipe, "verdict": verdict, "advice": following(verdict, recipes[recipe])})
    shown = read_json(folder / f"{show}.json", ("classes", "parts"), ("diverged",))
    part = shown["parts"].get("test") or shown["parts"]["validation"]
    images = manifests.read(manifest)
    note = read_json(metrics[0], ("note",))["note"]
    grouped = (images["group"] != "").any()
    content = {
        "name": name,
        "show": show,
        "notes": [f"{said[0].upper()}{said[1:]}." for said in (note, manifests.left_out(images)) if said],
        "rows": rows,
        "unit": "group" if grouped else "class",
        "units": "groups (drivers), since pictures of one are alike" if grouped else "images",
        "curves": curves,
        "gallery": read_json(gallery, ("part", "images", "kinds")),
        "layers": read_json(layers),
        "previews": [
            {"recipe": Path(path).stem, "image": page.picture(path), "said": _said(recipes[Path(path).stem])}
            for path in previews
        ],
        "confused": _confused(np.array(part["confusion"]), shown["classes"])
        if not shown["diverged"]
        else f"No figure: diverged, {shown['diverged']}.",
        "audit": read_json(audit, ("sentence",))["sentence"] if audit else None,
        **{figure: page.picture(path) for figure, path in figures.items()},
    }
    write_json(target, content)


def _said(recipe):
    """In words, what a recipe's augmentation is."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in recipe["augmentation"].items() if value)


def _confused(matrix, classes):
    """In words, which classes are taken for which most often."""
    off = matrix - np.diag(np.diag(matrix))
    worst = np.argsort(-off, axis=None, kind="stable")[:3]
    pairs = [np.unravel_index(place, off.shape) for place in worst if off.flat[place]]
    said = ", ".join(f"{classes[row]} as {classes[column]} ({off[row, column]})" for row, column in pairs)
    return f"{np.trace(matrix):,} of {matrix.sum():,} right; most often wrong: {said or 'none'}."


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        given = snakemake.input
        main(
            target=snakemake.output[0],
            name=snakemake.wildcards.dataset,
            show=snakemake.params.show,
            recipes=snakemake.params.recipes,
            lecture=snakemake.params.lecture,
            metrics=given.metrics,
            models=given.models,
            verdicts=given.verdicts,
            figures={name: given[name] for name in FIGURES if given.get(name)},
            gallery=given.gallery,
            layers=given.layers,
            previews=given.previews,
            manifest=given.manifest,
            audit=given.audit[0] if given.audit else None,
        )
