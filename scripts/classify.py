"""Classify pictures of a folder with a recipe's members: a CSV, and a page to look at."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from headstart.core import progress, runtime
from headstart.core.errors import InputError
from headstart.core.files import atomic
from headstart.core.listing import SUFFIXES, listing
from headstart.core.stage import stage
from headstart.data import images
from headstart.evaluation import ensemble
from headstart.formats import predictions
from headstart.formats.weights import verify
from headstart.report import gallery, page

BATCH = 32
PARAMS = ("expected", "feature_layer", "shape", "background", "classes", "mean", "precision", "threads", "title")
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
    threads,
    csv,
    html,
    template,
    title,
    terminal,
):
    """Write the mean prediction of ``models`` for every picture below ``folder`` to ``csv`` and ``html``.

    Pictures are decoded to ``shape``, with transparent pixels on ``background``. With a ``feature_layer``, VGG16 with
    ``weights`` runs over them as far as that layer. A file that is no picture, or cannot be read, has its reason in the
    column status. Raises `InputError` where the folder has no file, or the weights are not ``expected``
    (`digests.expected`).
    """
    if weights:
        verify(weights, expected)
    runtime.prepare(threads=threads, precision=precision)
    from headstart.features import backbone
    from headstart.training import models as saved

    there = listing(folder)
    if there.note():
        print(f"note: {title}: {there.note()}", file=terminal)
    files = there.paths
    if not files:
        raise InputError(f"{folder}: got no file, expected pictures ({', '.join(SUFFIXES)}); name another folder")
    status = {name: _status(folder, name) for name in files}
    names = [name for name in files if status[name] == "ok"]
    below = backbone.below(weights, shape[0], feature_layer) if feature_layer else None
    for path in models:
        if words := saved.diverged(path):
            raise InputError(f"{path}: the training of this model diverged: {words}; classify with another recipe")
    members = [saved.load(path) for path in models]
    found, thumbnails = [np.empty((0, len(classes)))], {}
    with progress.bar(desc=title, total=len(names), unit=" images", terminal=terminal) as bar:
        for start in range(0, len(names), BATCH):
            batch = names[start : start + BATCH]
            pixels = np.stack([images.read(folder, name, shape, background) for name in batch])
            inputs = below.predict_on_batch(pixels.astype(np.float32)) if below else pixels
            said = [predictions.Part(batch, model.predict_on_batch(inputs), None) for model in members]
            found.append(ensemble.average([{"test": part} for part in said], mean)["test"].probabilities)
            if start < SHOWN:
                thumbnails |= dict(zip(batch, map(gallery.thumbnail, pixels), strict=True))
            bar.update(len(batch))
    table = _table(files, status, names, np.concatenate(found), classes)
    with atomic(csv) as temporary:
        table.to_csv(temporary, index=False, float_format="%.6f", lineterminator="\n")
    bad = table[table["status"] != "ok"]
    page.write(
        html,
        template,
        title=title,
        pictures=[
            {"file": row["file"], "class": row["class"], "image": thumbnails[row["file"]]}
            | {"likeliest": _likeliest(row, classes)}
            for _, row in table[table["status"] == "ok"].head(SHOWN).iterrows()
        ],
        bad=bad[["file", "status"]].to_dict("records"),
        count=len(names),
        counts=Counter(table["class"]) if len(names) else {},
        classes=classes,
    )
    print(f"{len(names)} pictures classified, {len(bad)} left out: {csv}, {html}", file=terminal)


def _status(folder, name):
    if Path(name).suffix.lower() not in SUFFIXES:
        return f"not a picture: its name ends in none of {', '.join(SUFFIXES)}"
    return images.inspect(folder, name)[2]


def _table(files, status, names, probabilities, classes):
    """Return a row a file: file, status, class, probability, and p_<class>, the probabilities of all classes."""
    table = pd.DataFrame(probabilities, columns=[f"p_{name}" for name in classes])
    best = probabilities.argmax(axis=1)
    table.insert(0, "class", [classes[number] for number in best])
    table.insert(1, "probability", probabilities.max(axis=1))
    table.insert(0, "file", names)
    told = pd.DataFrame({"file": files, "status": [status[name] for name in files]})
    return told.merge(table, on="file", how="left")


def _likeliest(row, classes, count=3):
    """Return the likeliest classes and their probabilities."""
    probabilities = row.iloc[-len(classes) :].to_numpy(float)
    order = np.argsort(-probabilities, kind="stable")[:count]
    return [(classes[number], probabilities[number]) for number in order]


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
