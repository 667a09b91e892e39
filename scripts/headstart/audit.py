"""What a split that divides groups hides: the same recipe, validated on groups it knows and on groups it does not."""

import numpy as np

from headstart.refinement import nearest


def kinship(features, groups, threads=1):
    """Return (share, chance) of images whose nearest other image is of their own group.

    ``features`` are images × …, nearness is cosine; ``groups`` are their names. ``chance`` is that of another image
    drawn at random. ``threads`` is how many search.
    """
    groups = np.asarray(groups)
    share = (groups[nearest(features, 2, "cosine", threads)[:, 1]] == groups).mean()
    sizes = np.unique(groups, return_counts=True)[1]
    return float(share), float((sizes * (sizes - 1)).sum() / (len(groups) * (len(groups) - 1)))


def sentence(recipe, random, grouped, share, chance):
    """Return in words what an audit means.

    ``random`` and ``grouped`` are the metrics of ``recipe`` under a split that divides groups and under one that keeps
    them together (see `metrics.evaluate`), ``share`` and ``chance`` those of `kinship`.
    """
    figures = (
        f"{recipe} has accuracy {random['accuracy']:.3f} and log loss {random['log_loss']:.2f} under a random split, "
        f"{grouped['accuracy']:.3f} and {grouped['log_loss']:.2f} on groups that it was not trained on. "
        f"The nearest picture is of the same group for {share:.0%} of the images (by chance {chance:.0%})"
    )
    low, high = grouped["accuracy_95"]
    if random["accuracy"] > high:
        said = "a random split asks for groups that are known, and flatters: believe the grouped figure for new ones"
    elif random["accuracy"] < low:
        said = "the random split is the harder one here, which chance or uneven groups can do"
    else:
        said = "the two figures agree within the grouped one's 95 % interval: here groups tell little"
    return f"{figures}: {said}."
