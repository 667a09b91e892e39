"""Train one member of a recipe and write its model, history and predictions."""

from dataclasses import replace

import numpy as np
import pandas as pd

from headstart.core.files import atomic
from headstart.formats import predictions
from headstart.training import models
from headstart.training.batch_norm import recalibrate
from headstart.training.checkpoints import Checkpoint, beside
from headstart.training.examples import held
from headstart.training.history import BATCH, NO_FIGURES, divergence, epoch_row, evaluate
from headstart.training.logistic import solve
from headstart.training.loop import fit

BLOCK = 4 * BATCH  # images that are read at a time
MEASURED = 10_000  # images that batch normalisation is measured on


def predict(model, some):
    """Return a `predictions.Part` for `Examples`, block by block; rows of probabilities sum to 1."""
    probabilities = []
    for start in range(0, len(some.inputs), BLOCK):
        out = model.predict(some.inputs[start : start + BLOCK], batch_size=BATCH, verbose=0).astype(np.float64)
        probabilities.append(out / out.sum(axis=1, keepdims=True))
    return predictions.Part(some.ids, np.concatenate(probabilities), some.labels)


def measured(count, seed):
    """Return the numbers of the images, of ``count``, that batch normalisation is measured on: at most `MEASURED`."""
    return np.sort(np.random.default_rng(seed).permutation(count)[:MEASURED])


def train_member(
    model,
    train,
    validation,
    test,
    *,
    classes,
    schedule,
    seed,
    outputs,
    identity,
    terminal,
    title,
    transform=None,
    plain=None,
    diverged=None,
):
    """Train one member of a recipe and write the three files of every recipe.

    ``train``, ``validation`` and ``test`` are `Examples`. ``validation`` is None where nothing is held out, ``test``
    where no test part is published. ``outputs`` names the files: model, history, predictions. ``identity`` says what
    trains (`records.identity`). A killed run continues from its last complete epoch, if the identity is the same.
    ``plain`` are the inputs of the labelled training images as prediction gets them, where ``train`` has other inputs.
    ``diverged`` says why a member does not train: what it starts from diverged. A member that diverges predicts every
    class with the same probability, and its files say so.
    """
    model.summary(print_fn=print)
    checkpoint = Checkpoint(beside(outputs["model"]), identity)
    if diverged:
        history = pd.DataFrame([epoch_row(0, None, NO_FIGURES, NO_FIGURES)])
    elif schedule["solver"] == "lbfgs":
        history = solve(model, train, validation, schedule["max_iter"])
    else:
        train, validation = held(train), validation and held(validation)
        history = fit(
            model,
            train,
            validation,
            schedule=schedule,
            seed=seed,
            transform=transform,
            checkpoint=checkpoint,
            terminal=terminal,
            title=title,
        )
        diverged = divergence(history, schedule)
    if diverged:
        print(f"Diverged: {diverged}. The model predicts every class with the same probability.", flush=True)
        models.forget(model)
    elif schedule["recalibrate_batch_norm"]:
        plain = train.inputs if plain is None else plain
        recalibrate(model, plain, measured(len(plain), seed))
        history.loc[history.index[-1], ["validation_loss", "validation_accuracy"]] = evaluate(model, validation)
    parts = {"validation": validation, "test": test}
    parts = {name: replace(predict(model, some), diverged=diverged) for name, some in parts.items() if some}
    with atomic(outputs["history"]) as temporary:
        history.to_csv(temporary, index=False, lineterminator="\n")
    predictions.write(outputs["predictions"], parts, classes)
    models.save(model, outputs["model"], diverged)
