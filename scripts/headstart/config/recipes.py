"""Derive from the config's recipes which ones train, and how."""

LECTURE = "lecture"  # the suffix of a recipe that trains by the lecture's schedule
# The settings of a recipe that concern training one member: a training stage receives them.
TRAINING = (
    *("augmentation", "feature_layer", "init_from", "network", "pixels", "precision", "pseudo_labels", "schedule"),
    *("surgery", "unfreeze_from"),
)


def each(recipes):
    """Return ``{name: recipe}``, each with one ``schedule`` and with ``entry``, its name in the config.

    An entry with a ``lecture_schedule`` makes a second recipe, ``<entry>-lecture``. It differs in its schedule. It also
    differs in its seeds, since they follow from its name. A recipe that does not train has the schedule None.
    """
    found = {}
    for name, entry in recipes.items():
        rest = {key: value for key, value in entry.items() if key != "lecture_schedule"}
        found[name] = {**rest, "entry": name}
        if entry["lecture_schedule"]:
            found[f"{name}-{LECTURE}"] = {**rest, "entry": name, "schedule": entry["lecture_schedule"]}
    return found


def starts(recipe):
    """Return the names of the recipes that a recipe starts from or takes predictions from: none, one or several."""
    start = recipe["init_from"] or recipe["predictions_from"]
    return start if isinstance(start, list) else [start] if start else []


def trained(recipes, name):
    """Return the names of the recipes whose members predict for ``name``: itself, or all whose predictions it takes."""
    if recipes[name]["kind"] != "postprocess":
        return [name]
    return [source for start in starts(recipes[name]) for source in trained(recipes, start)]


def split(recipes, name):
    """Return the split, grouped or random, of a recipe or of the recipes that it takes predictions from."""
    return recipes[trained(recipes, name)[0]]["split"]


def fold(recipe, member, folds):
    """Return the fold, 0 to ``folds`` − 1, that a member (1, 2, …) validates on; None if it trains on all images."""
    if not recipe["hold_out"]:
        return None
    return (member - 1) % folds if recipe["cross_validate"] else 0


def validated(recipe, folds):
    """Return the sorted folds that the members of a recipe validate on, each once."""
    return sorted({fold(recipe, member, folds) for member in range(1, recipe["members"] + 1)} - {None})


def held_out(recipes, names, split, folds):
    """Return the folds of a ``split``, grouped or random, that members of the recipes ``names`` validate on.

    Recipes whose predictions are taken count; skipped recipes do not. The recipe that one starts from has a member like
    each of its own, since `recipe_rules` requires that.
    """
    runs = [name for name in names if not recipes[name]["skip"]]
    sources = {source for name in runs for source in trained(recipes, name)}
    found = [validated(recipes[name], folds) for name in sources if recipes[name]["split"] == split]
    return sorted({fold for some in found for fold in some})


def epochs(schedule):
    """Return the number of epochs of a schedule."""
    return schedule["epochs"] or sum(count for count, _ in schedule["piecewise"])


def layout(blocks, pooling):
    """Return, for each block of a network, ``[(filters, kernel size, stride)]`` of its convolutions and its pooling.

    ``pooling`` is one word for all blocks or a list of one per block: "max", "strided" or "none", as in
    `networks.classifier`.
    """
    ends = pooling if isinstance(pooling, list) else [pooling] * len(blocks)
    found = []
    for block, end in zip(blocks, ends, strict=True):
        last = (5, 2) if end == "strided" else (3, 1)
        found.append(([*((filters, 3, 1) for filters in block[:-1]), (block[-1], *last)], end))
    return found


def usable(datasets, recipes, only=None):
    """Return ``[(dataset, recipe)]`` of recipes that train and are not skipped, for the datasets in ``only`` or all."""
    return [
        (name, key)
        for name, entry in datasets.items()
        if not only or name in only
        for key in entry["recipes"]
        if key in recipes and recipes[key]["schedule"] and not recipes[key]["skip"]
    ]


def shown(dataset, recipes):
    """Return the recipe of a dataset that the report inspects: ``inspect``, else the last that trains.

    If none trains, it is the last recipe. Skipped recipes do not count.
    """
    runs = [name for name in dataset["recipes"] if not recipes[name]["skip"]]
    trained = [name for name in runs if recipes[name]["schedule"]]
    return dataset["inspect"] or (trained or runs)[-1]
