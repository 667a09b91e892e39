"""Classify pictures of a folder with a recipe's members: a CSV, and a page to look at."""

from collections import Counter

import numpy as np

from headstart.core import progress, runtime
from headstart.core.errors import InputError
from headstart.core.files import atomic
from headstart.core.listing import SUFFIXES, listing
from headstart.core.stage import stage
from headstart.evaluation import classification
from headstart.formats.weights import verify
from headstart.report import gallery, page

PARAMS = ("expected", "feature_layer", "shape", "background", "classes", "mean", "precision", "engine")
PARAMS += ("threads", "title")
SHOWN = 1000  # pictures on the page; all are in the table


def main(
    *,
    folder,
    models,
    weights,
    expected,
    feature_layer,
    shape,
    background,
    classes,
    mean,
    precision,
    engine,
    threads,
    csv,
    html,
    template,
    title,
    terminal,
):
    """Write the mean prediction of ``models`` for every picture below ``folder`` to ``csv`` and ``html``.

    Pictures are decoded to ``shape``, with transparent pixels on ``background``. With a ``feature_layer``, VGG16 with
    ``weights`` runs over them as far as that layer. For a file that is not a picture or cannot be read, the
    column status gives the reason. Raises `InputError` where the folder has no file, or the weights are not
    ``expected`` (`digests.expected`).
    """
    if weights:
        verify(weights, expected)
    runtime.prepare(threads=threads, precision=precision)
    from headstart.features import engines
    from headstart.training import models as saved

    there = listing(folder)
    if there.note():
        print(f"note: {title}: {there.note()}", file=terminal)
    files = there.paths
    if not files:
        raise InputError(f"{folder}: the folder has no file. Name a folder of pictures ({', '.join(SUFFIXES)}).")
    statuses = {name: classification.status(folder, name) for name in files}
    names = [name for name in files if statuses[name] == "ok"]
    for path in models:
        if words := saved.diverged(path):
            raise InputError(f"{path}: the training of this model diverged ({words}). Classify with another recipe.")
    backbone = None
    if feature_layer and names:
        sample = classification.pixels(folder, names[: engines.SAMPLE], shape, background)
        backbone = engines.load(weights, shape[0], feature_layer, engine=engine, threads=threads, sample=sample)
    members = [saved.load(path) for path in models]
    found, thumbnails = [np.empty((0, len(classes)))], {}
    with progress.bar(desc=title, total=len(names), unit=" images", terminal=terminal) as bar:
        for batch, pixels, each in classification.batches(folder, names, shape, background, backbone, members, mean):
            found.append(each)
            if len(thumbnails) < SHOWN:
                thumbnails |= dict(zip(batch, map(gallery.thumbnail, pixels), strict=True))
            bar.update(len(batch))
    probabilities = np.concatenate(found)
    table = classification.table(statuses, names, probabilities, classes)
    with atomic(csv) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6f", lineterminator="\n")
    bad = table[table["status"] != "ok"]
    page.write(
        html,
        template,
        title=title,
        pictures=[
            {
                "file": name,
                "class": classes[row.argmax()],
                "image": thumbnails[name],
                "likeliest": classification.likeliest(row, classes),
            }
            for name, row in zip(names[:SHOWN], probabilities, strict=False)
        ],
        bad=bad[["file", "status"]].to_dict("records"),
        count=len(names),
        counts=Counter(table["class"]) if len(names) else {},
        classes=classes,
    )
    print(f"{len(names)} pictures classified, {len(bad)} left out: {csv}, {html}", file=terminal)


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal:
        main(
            folder=snakemake.params.folder,
            models=snakemake.input.models,
            weights=snakemake.input.weights,
            template=snakemake.input.template,
            csv=snakemake.output.csv,
            html=snakemake.output.html,
            **{name: snakemake.params[name] for name in PARAMS},
            terminal=terminal,
        )
