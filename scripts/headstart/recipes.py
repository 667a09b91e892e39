"""Recipes as they are trained: one for each schedule that an entry of the config has."""

OWN = "fast"  # the schedule that the entry's own name stands for
# What a recipe says of training one member, and what a training stage therefore gets.
TRAINING = ("augmentation", "cut", "depth", "network", "pixels", "precision", "pseudo", "schedule", "start", "surgery")


def each(recipes):
    """Return ``{name: recipe}`` where every recipe has one ``schedule``, and ``entry``, the name of its entry.

    The schedule `OWN` makes the recipe that is named like the entry; any other, say lecture, makes ``<entry>-lecture``,
    which differs in its schedule, and in its seeds, since they follow from its name. A recipe that does not train has
    the schedule None.
    """
    found = {}
    for name, entry in recipes.items():
        rest = {key: value for key, value in entry.items() if key != "schedules"}
        for key, schedule in (entry["schedules"] or {OWN: None}).items():
            found[name if key == OWN else f"{name}-{key}"] = {**rest, "entry": name, "schedule": schedule}
    return found


def starts(recipe):
    """Return the names of the recipes that one starts from, or refines: the key start has none, one or a list."""
    start = recipe["start"]
    return start if isinstance(start, list) else [start] if start else []


def trained(recipes, name):
    """Return the names of the recipes whose members predict for ``name``: itself, or all that it refines."""
    if recipes[name]["kind"] != "refine":
        return [name]
    return [source for start in starts(recipes[name]) for source in trained(recipes, start)]


def split(recipes, name):
    """Return the split, grouped or random, that a recipe goes by: its own, or that of what it refines."""
    return recipes[trained(recipes, name)[0]]["split"]


def fold(recipe, member, folds):
    """Return the fold, of ``folds``, that a member (1, 2, …) validates on, or None where it trains on all images."""
    if not recipe["hold_out"]:
        return None
    return (member - 1) % folds if recipe["vary"] == "fold" else 0


def validated(recipe, folds):
    """Return the folds that the members of a recipe validate on, each once."""
    return sorted({fold(recipe, member, folds) for member in range(1, recipe["members"] + 1)} - {None})


def held_out(recipes, names, split, folds):
    """Return the folds of a ``split``, grouped or random, that members of the recipes ``names`` validate on.

    Those of what a recipe refines count, those of recipes that are turned off do not. What a recipe starts from has
    members like its own, since `recipe_consistency` asks for that.
    """
    runs = [name for name in names if not recipes[name]["skip"]]
    sources = {source for name in runs for source in trained(recipes, name)}
    found = [validated(recipes[name], folds) for name in sources if recipes[name]["split"] == split]
    return sorted({fold for some in found for fold in some})


def epochs(schedule):
    """Return how many epochs a schedule has."""
    return schedule["epochs"] or sum(count for count, _ in schedule["steps"])


def layout(blocks, pooling):
    """Return, for each block of a network, ``[(filters, kernel size, stride)]`` of its convolutions and how it ends.

    ``pooling`` is one word for all blocks, or a list: "max", "strided" or "none", as `networks.classifier` has it.
    """
    ends = pooling if isinstance(pooling, list) else [pooling] * len(blocks)
    found = []
    for block, end in zip(blocks, ends, strict=True):
        last = (5, 2) if end == "strided" else (3, 1)
        found.append(([*((filters, 3, 1) for filters in block[:-1]), (block[-1], *last)], end))
    return found


def usable(datasets, recipes, only=None):
    """Return ``[(dataset, recipe)]`` that are trained and run, of the datasets in ``only`` or all."""
    return [
        (name, key)
        for name, entry in datasets.items()
        if not only or name in only
        for key in entry["recipes"]
        if key in recipes and recipes[key]["schedule"] and not recipes[key]["skip"]
    ]


def shown(dataset, recipes):
    """Return the recipe of a dataset that the report looks into: ``show``, else the last that is trained and runs."""
    runs = [name for name in dataset["recipes"] if not recipes[name]["skip"]]
    trained = [name for name in runs if recipes[name]["schedule"]]
    return dataset["show"] or (trained or runs)[-1]
