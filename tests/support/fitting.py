"""Small networks and members to train in tests."""

import keras
import numpy as np
import pandas as pd
from small_config import schedule

from headstart.formats import predictions
from headstart.training import member, models, networks
from headstart.training.examples import Examples
from headstart.training.learning_rates import Rates

SCHEDULE = schedule(epochs=3, batch_size=8, learning_rate=0.1)


def examples(count=40):
    """Three kinds of rows that are easy to tell apart."""
    labels = np.arange(count, dtype=np.int32) % 3
    rows = np.random.default_rng(0).normal(0, 0.1, (count, 3)) + np.eye(3)[labels]
    return Examples([str(i) for i in range(count)], rows.astype(np.float32), labels)


def linear(shape=(3,), classes=3, seed=1, **settings):
    keras.utils.set_random_seed(seed)
    return networks.classifier(shape, classes, blocks=[], dense=[], batch_norm=False, dropout=0, **settings)


def train_member(folder, train, validation, test=None, network=(), seed=1, **changes):
    """Train a member with batch norm between two layers of dropout; return its model, history and predictions."""
    keras.utils.set_random_seed(seed)
    shape = {"blocks": [], "dense": [8], "batch_norm": True, "dropout": [0.5, 0.5]} | dict(network)
    model = networks.classifier(train.inputs.shape[1:], 3, **shape)
    settings = {key: changes.pop(key) for key in list(changes) if key in SCHEDULE}
    outputs = {"model": folder / "model.keras", "history": folder / "history", "predictions": folder / "predictions"}
    member.train_member(
        model,
        train,
        validation,
        test,
        classes=list("abc"),
        schedule=SCHEDULE | settings,
        seed=seed,
        outputs=outputs,
        identity="a",
        **{"terminal": None, "title": ""} | changes,
    )
    return models.load(outputs["model"]), pd.read_csv(outputs["history"]), predictions.read(outputs["predictions"])[0]


def normalised(seed=0):
    """A model with batch normalisation after a convolution and after a dense layer, and images for it."""
    keras.utils.set_random_seed(seed)
    model = networks.classifier((8, 8, 1), 3, blocks=[[4]], dense=[8], batch_norm=True, dropout=0.5)
    return model, np.random.default_rng(seed).integers(0, 256, (600, 8, 8, 1), np.uint8)


DIVERGED = "the loss or a weight was not finite in epoch 1 of 3"


def compiled(model):
    model.compile(keras.optimizers.AdamW(Rates([0.1])))
    return model
