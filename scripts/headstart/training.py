"""How members are fitted: by steps, digits, heads and fine-tuning alike, or solved, heads without hidden layers."""

import math
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss

from headstart import models, predictions, progress
from headstart.checkpoints import Checkpoint, beside
from headstart.files import atomic
from headstart.recipes import epochs

BATCH = 256  # images predicted at a time
MEASURED = 10_000  # images that batch normalisation is measured on
NO_FIGURES = math.nan, math.nan  # loss and accuracy where training diverged


class Batches:
    """One epoch of shuffled batches; a pure function of (seed, epoch), so that any epoch can be made again."""

    def __init__(self, examples, batch, seed, epoch, transform=None):
        self.examples, self.batch, self.seed, self.epoch, self.transform = examples, batch, seed, epoch, transform
        self.order = np.random.default_rng([seed, epoch]).permutation(len(examples.labels))

    def __len__(self):
        return steps(len(self.order), self.batch)

    def __getitem__(self, number):
        if number >= len(self):
            raise IndexError(number)  # ends a for loop
        end = None if number == len(self) - 1 else (number + 1) * self.batch
        chosen = self.order[number * self.batch : end]
        inputs = self.examples.inputs[chosen]
        if self.transform is not None:
            inputs = self.transform(inputs, [self.seed, self.epoch, number + 1])  # + 1: NumPy takes a last 0 for none
        return inputs.astype(np.float32), self.examples.labels[chosen]


def steps(images, batch):
    """Return the number of steps an epoch. A rest of one image joins the last batch: alone it has no variance."""
    return max(1, images // batch + (images % batch > 1))


def learning_rates(schedule, steps):
    """Return the learning rate of every step; ``steps`` is the number of steps an epoch.

    Either the schedule's ``steps``, pairs of a number of epochs and their rate; or linear warm-up over ``warmup``
    epochs, then constant or cosine to 0 (Loshchilov & Hutter, arXiv:1608.03983, without restarts).
    """
    if schedule["steps"]:
        counts, rates = zip(*schedule["steps"], strict=True)
        return np.repeat(rates, np.multiply(counts, steps))
    total, warm = schedule["epochs"] * steps, round(schedule["warmup"] * steps)
    step = np.arange(total)
    rate = np.full(total, 1.0)
    if schedule["decay"] == "cosine":
        rate = 0.5 * (1 + np.cos(np.pi * np.clip((step - warm) / max(1, total - warm), 0, 1)))
    rate[:warm] = (step[:warm] + 1) / warm
    return schedule["learning_rate"] * rate


@keras.saving.register_keras_serializable("headstart")
class Rates(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate looked up by step in a list."""

    def __init__(self, rates):
        self.rates = [float(rate) for rate in rates]

    def __call__(self, step):
        step = keras.ops.minimum(keras.ops.cast(step, "int32"), len(self.rates) - 1)
        return keras.ops.take(keras.ops.convert_to_tensor(self.rates, "float32"), step)

    def get_config(self):
        """Return what makes this schedule again."""
        return {"rates": self.rates}


def fit(model, train, validation, *, schedule, seed, transform=None, checkpoint=None, terminal=None, title=""):
    """Train ``model`` on ``train`` (`Examples`) and return its history: a data frame with a row an epoch.

    ``schedule`` has batch, the rates of `learning_rates`, and weight_decay (AdamW, Loshchilov & Hutter,
    arXiv:1711.05101; Adam where it is 0). ``transform(inputs, seed)`` changes each training batch, but for those of the
    schedule's last ``unaugmented`` epochs (He et al., arXiv:1909.09148), and never validation. Learning rate and
    training figures are means over the epoch, the latter with dropout on, of images as they are trained on. Where
    ``validation`` is None nothing is held out, and its columns are empty. ``checkpoint`` (`Checkpoint`) is what a
    training that was killed goes on from, and where each complete epoch is kept. A training that diverges ends with
    that epoch, whose figures are NaN (`divergence`).
    """
    count = steps(len(train.labels), schedule["batch"])
    rates = learning_rates(schedule, count)
    model.compile(
        optimizer=_optimizer(model, rates, schedule["weight_decay"]),
        loss="sparse_categorical_crossentropy",
        # The loss that is told of is that of the labels, without what weights add to it.
        metrics=["accuracy", *(["sparse_categorical_crossentropy"] if model.losses else [])],
    )
    history = checkpoint.restore(model) if checkpoint else []
    first, last = len(history), epochs(schedule)
    for epoch in progress.bar(
        range(first, last), desc=title, initial=first, total=last, unit=" epochs", terminal=terminal
    ):
        sums = np.zeros(2)
        change = transform if epoch < last - schedule["unaugmented"] else None
        # A plain loop: fit would draw the first two batches of each epoch twice, to learn their shapes.
        for inputs, labels in Batches(train, schedule["batch"], seed, epoch, change):
            # Keras gives the figures of this batch alone.
            sums += np.multiply(_figures(model.train_on_batch(inputs, labels)), len(labels))
        rate = float(rates[epoch * count : (epoch + 1) * count].mean())
        trained, validated = sums / len(train.labels), _validated(model, validation)
        if not _finite(model, trained, validated):
            history.append(_told(epoch + 1, rate, NO_FIGURES, NO_FIGURES))
            break
        history.append(_told(epoch + 1, rate, trained, validated))
        if checkpoint:
            checkpoint.save(model, history)
    return pd.DataFrame(history)


def _optimizer(model, rates, weight_decay):
    """Return AdamW that decays kernels alone: biases, gammas and betas, which are vectors, keep their size."""
    optimizer = keras.optimizers.AdamW(learning_rate=Rates(rates), weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay([weight for weight in model.trainable_weights if len(weight.shape) < 2])
    return optimizer


def _finite(model, trained, validated):
    """Whether an epoch's losses and the weights after its last step are finite numbers."""
    losses = [loss for loss in (trained[0], validated[0]) if loss is not None]
    return np.isfinite(losses).all() and all(np.isfinite(weight).all() for weight in model.get_weights())


def divergence(history, schedule):
    """Return in words when a training diverged, by its history, or None where it did not."""
    last = history.iloc[-1]
    if math.isfinite(last["loss"]):
        return None
    return f"the loss became NaN in epoch {last['epoch']:.0f} of {epochs(schedule)}"


def solve(model, train, validation, iterations):
    """Set the one dense layer of ``model`` to where its loss, with what its weights add to it, is lowest.

    Multinomial logistic regression has one lowest place, so neither a seed nor a learning rate has a say: L-BFGS goes
    there in at most ``iterations`` steps (scikit-learn's, in float32). Returns a history as `fit` does, with
    one row, whose epoch is the number of steps. The layer must have an L2 penalty.
    """
    output, count = model.layers[-1], len(train.labels)
    below = keras.Model(model.inputs, output.input)
    inputs = np.empty((count, *below.output_shape[1:]), np.float32)  # as large as the features: predict takes it twice
    for start in range(0, count, BATCH):
        inputs[start : start + BATCH] = below.predict_on_batch(train.inputs[start : start + BATCH])
    # scikit-learn has C times the sum of losses + |w|² / 2, and for two classes one w, which is each kernel's twofold.
    times = 1 if output.units == 2 else 2
    found = LogisticRegression(C=1 / (times * output.kernel_regularizer.l2 * count), max_iter=iterations, tol=1e-7)
    found.fit(inputs, train.labels)
    if found.n_iter_[0] >= iterations:
        print(f"stopped after {iterations} iterations, before the lowest loss: more epochs would go on", flush=True)
    probabilities = found.predict_proba(inputs)
    kernel, bias = found.coef_.T, found.intercept_
    if output.units == 2:
        kernel, bias = np.hstack([-kernel, kernel]) / 2, np.hstack([-bias, bias]) / 2
    output.set_weights([kernel, bias])
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy", "sparse_categorical_crossentropy"])
    trained = log_loss(train.labels, probabilities), accuracy_score(train.labels, probabilities.argmax(axis=1))
    return pd.DataFrame([_told(int(found.n_iter_[0]), None, trained, _validated(model, validation))])


def _told(epoch, rate, trained, validated):
    """A row of a history, told of as it is made; ``trained`` and ``validated`` are loss and accuracy."""
    row = {
        "epoch": epoch,
        "learning_rate": rate,
        "loss": float(trained[0]),
        "accuracy": float(trained[1]),
        "validation_loss": validated[0],
        "validation_accuracy": validated[1],
    }
    print(row, flush=True)
    return row


def _figures(found):
    """Loss without what weights add to it, and accuracy, of what Keras measured."""
    return found[-1] if len(found) > 2 else found[0], found[1]


def _validated(model, validation):
    if not validation:
        return None, None
    return _figures(model.evaluate(validation.inputs, validation.labels, batch_size=BATCH, verbose=0))


def recalibrate(model, inputs, chosen=None):
    """Set mean and variance of all batch normalisation in ``model``, in place, to those over ``inputs``, images × ….

    Training leaves a running mean over its last batches, of augmented images and behind dropout, which raises the
    variance. Prediction is of images as they are, without dropout.
    Layer after layer, over all places of all images (precise batch norm: Wu & Johnson, arXiv:2105.07576, section 3).
    ``chosen`` are the numbers of the images that are measured, all of them if None.
    """
    chosen = np.arange(len(inputs)) if chosen is None else chosen
    for layer in model.layers:
        if not isinstance(layer, keras.layers.BatchNormalization):
            continue
        below, count, total, squares = keras.Model(model.inputs, layer.input), 0, 0, 0
        for start in range(0, len(chosen), BATCH):
            some = inputs[chosen[start : start + BATCH]].astype(np.float32)
            values = below.predict_on_batch(some).astype(np.float64)
            axes = tuple(range(values.ndim - 1))
            count += values.size // values.shape[-1]
            total = total + values.sum(axes)
            squares = squares + (values**2).sum(axes)
        mean = total / count
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(np.maximum(squares / count - mean**2, 0))


def predict(model, blocks):
    """Return a `predictions.Part` for `Examples` that come in blocks; rows of probabilities sum to 1."""
    ids, probabilities, labels = [], [], []
    for block in blocks:
        out = np.asarray(model.predict(block.inputs, batch_size=BATCH, verbose=0), np.float64)
        probabilities.append(out / out.sum(axis=1, keepdims=True))
        ids += block.ids
        labels.append(block.labels)
    known = all(some is not None for some in labels)
    return predictions.Part(ids, np.concatenate(probabilities), np.concatenate(labels) if known else None)


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
    """Train one member of a recipe and write the three files that every recipe ends in.

    ``train`` and ``validation`` are `Examples`, ``test`` an iterator over blocks of them; ``validation`` is None where
    nothing is held out, ``test`` where no test part is published. ``outputs`` names the files: model, history,
    predictions. ``identity`` says what trains (`provenance.identity`): a run that was killed goes on from its last
    complete epoch, if it is the same. ``plain`` are the inputs of the labelled training images as prediction gets them,
    where those of ``train`` are others. ``diverged`` says why a member does not train: what it starts from diverged.
    A member that diverges predicts every class with the same probability, and its files say so.
    """
    model.summary(print_fn=print, expand_nested=True)
    checkpoint = Checkpoint(beside(outputs["model"]), identity)
    if diverged:
        history = pd.DataFrame([_told(0, None, NO_FIGURES, NO_FIGURES)])
    elif schedule["solver"] == "lbfgs":
        history = solve(model, train, validation, schedule["epochs"])
    else:
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
        print(f"diverged: {diverged}; every class is predicted with the same probability", flush=True)
        models.forget(model)
    elif schedule["recalibrate"]:
        plain = train.inputs if plain is None else plain
        recalibrate(model, plain, np.sort(np.random.default_rng(seed).permutation(len(plain))[:MEASURED]))
        history.loc[history.index[-1], ["validation_loss", "validation_accuracy"]] = _validated(model, validation)
    parts = {"validation": [validation] if validation else None, "test": test}
    parts = {name: replace(predict(model, blocks), diverged=diverged) for name, blocks in parts.items() if blocks}
    with atomic(outputs["history"]) as temporary:
        history.to_csv(temporary, index=False, lineterminator="\n")
    predictions.write(outputs["predictions"], parts, classes)
    models.save(model, outputs["model"], diverged)
