"""Check for leakage: compare a random with a grouped split, and measure how far the split alone moves a figure."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from headstart.evaluation import intervals, metrics
from headstart.evaluation.postprocess import SEARCHED, nearest

SPLITS = 5  # splits drawn to measure how far they move a figure
MEASURES = {"accuracy": intervals.accuracy_difference, "log_loss": intervals.difference}  # and how two are compared


def kinship(features, groups, threads=1):
    """Return (share, chance) of images whose nearest other image is of their own group.

    ``features`` are as `nearest` takes them; nearness is cosine. ``groups`` are the names of their groups. ``chance``
    is the share for another image drawn at random. ``threads`` is how many search.
    """
    groups = np.asarray(groups)
    share = (groups[nearest(features, 2, "cosine", threads)[:, 1]] == groups).mean()
    sizes = np.unique(groups, return_counts=True)[1]
    return float(share), float((sizes * (sizes - 1)).sum() / (len(groups) * (len(groups) - 1)))


def compare(random, grouped, groups):
    """Compare two `predictions.Part` on the images that both predict, paired by image.

    ``random`` is of a split that divides groups, ``grouped`` of one that keeps them together. ``groups`` is a series:
    the group of each id. Returns images and groups (numbers). For accuracy and log_loss it returns the figure under
    both splits. Their ``difference`` is random less grouped, with its 95 % interval over groups.
    """
    both = metrics.together((grouped, random))
    units = groups.loc[both[0].index].to_numpy()
    found = {"images": len(units), "groups": len(set(units))}
    for (name, between), values in zip(MEASURES.items(), both, strict=True):
        second, first = values[0], values[1]
        mean, low, high = between(first, second, units)
        found[name] = {
            "random": float(first.mean()),
            "grouped": float(second.mean()),
            "difference": mean,
            "difference_95": [low, high],
        }
    return found


def pooled(features):
    """Return the mean of features over the places of each image, images × channels.

    ``features`` are images × height × width × channels, as `nearest` takes them.
    """
    parts = (features[start : start + SEARCHED] for start in range(0, len(features), SEARCHED))
    return np.concatenate([part.reshape(len(part), -1, part.shape[-1]).mean(axis=1) for part in parts])


def moved(features, labels, folds, threads=1):
    """Return how far the split alone moves a figure: mean, SD, lowest and highest accuracy and log_loss over splits.

    ``different`` counts the splits that differ in more than the numbers of their folds.

    ``features`` are images × features, ``labels`` their classes. ``folds``, splits × images, gives the fold of each
    image under each split. For each fold, a multinomial logistic regression is fitted to the images of the other folds.
    It is scikit-learn's, with 1,000 iterations at most, on standardised features.
    So each split predicts every image once.
    """
    classes, labels = np.unique(labels, return_inverse=True)
    with threadpool_limits(threads):
        scores = [_cross_validated(features, labels, len(classes), fold) for fold in folds]
    different = len({tuple(pd.factorize(fold)[0]) for fold in folds})
    return {"different": different} | {
        name: {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1)), "range": [min(values), max(values)]}
        for name, values in zip(("accuracy", "log_loss"), zip(*scores, strict=True), strict=True)
    }


def _cross_validated(features, labels, classes, fold):
    """Return accuracy and log loss over all images, each predicted by a model fitted to the other folds."""
    probabilities = np.zeros((len(labels), classes))  # stays 0 for a class that a model never saw
    for number in np.unique(fold):
        held_out = fold == number
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        model.fit(features[~held_out], labels[~held_out])
        probabilities[np.ix_(held_out, model[-1].classes_)] = model.predict_proba(features[held_out])
    likelihood = np.maximum(probabilities[np.arange(len(labels)), labels], np.finfo(np.float64).eps)
    return float((probabilities.argmax(axis=1) == labels).mean()), float(-np.log(likelihood).mean())


def sentence(recipe, compared, share, chance, splits):
    """Return in words what the leakage check of ``recipe`` means.

    ``compared`` comes from `compare`, ``share`` and ``chance`` from `kinship`, ``splits`` from `moved`.
    """
    accuracy, loss = compared["accuracy"], compared["log_loss"]
    low, high = accuracy["difference_95"]
    if low > 0:
        said = "A random split flatters: trust the grouped figure for new groups."
    elif high < 0:
        said = "The random split is harder here, which a leak does not explain."
    else:
        said = "The interval contains 0, so no leak is seen."
    return (
        f"On the same {compared['images']:,} images, {recipe} has accuracy {accuracy['random']:.3f} and log loss "
        f"{loss['random']:.2f} under a random split. Under a grouped split it has accuracy {accuracy['grouped']:.3f} "
        f"and log loss {loss['grouped']:.2f}, on groups that it was not trained on. The accuracies differ by "
        f"{accuracy['difference']:+.3f} (95 % interval over {compared['groups']} groups: {low:+.3f} to {high:+.3f}). "
        f"{said} The nearest picture is of the same group for {share:.0%} of the images (by chance {chance:.0%}). "
        f"{_movement(splits)}"
    )


def _movement(splits):
    accuracy, loss = (splits[name] for name in ("accuracy", "log_loss"))
    if splits["different"] == 1:
        return f"All {SPLITS} seeds give the same grouped split, so how far the split moves a figure is unknown."
    return (
        f"{SPLITS} seeds give {splits['different']} different grouped splits. Under these, a logistic regression on "
        f"pooled features has accuracy {accuracy['range'][0]:.3f} to {accuracy['range'][1]:.3f} (SD "
        f"{accuracy['sd']:.3f}). Its log loss is {loss['range'][0]:.2f} to {loss['range'][1]:.2f} (SD "
        f"{loss['sd']:.2f}). The split alone moves the figures that far."
    )
