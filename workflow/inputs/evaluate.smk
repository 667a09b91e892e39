# Inputs and params of the rules in rules/evaluate.smk.


def base_predictions(wildcards):
    """Return as inputs the averaged predictions that a recipe postprocesses; of several, it takes the mean."""
    return expand(
        f"{AVERAGED}/predictions.h5", dataset=wildcards.dataset, recipe=recipes.starts(RECIPES[wildcards.recipe])
    )


def neighbour_features(wildcards):
    """Return as inputs the features that define neighbours, ``{published part: path}``; none if a recipe uses none."""
    return training_inputs(wildcards) if max(RECIPES[wildcards.recipe]["postprocess"]["neighbours"]) > 1 else {}


def compared(split):
    """Return an input function for the averaged predictions that a leakage check compares, under a split."""
    return lambda wildcards: f"{AVERAGED}/predictions.h5".format(
        dataset=wildcards.dataset, recipe=dataset("leakage_check", split)(wildcards)
    )


def leakage_checks(wildcards):
    """Return as inputs the leakage checks whose two recipes both run, of all datasets or of the job's."""
    pairs = {name: (entry["leakage_check"] or {}).values() for name, entry in DATASETS.items()}
    return [
        f"results/{name}/leakage.json"
        for name, keys in pairs.items()
        if keys and all((name, key) in WANTED for key in keys) and wildcards.get("dataset", name) == name
    ]


def swept(pattern):
    """Return an input function for the file of a pattern at every point of a sweep."""

    def files(wildcards):
        entry, space = config["sweeps"][wildcards.sweep], SPACES[wildcards.sweep]
        names = [f"{entry['recipe']}-{instance}" for instance in space.instance_patterns]
        return [f"results/{entry['dataset']}/{pattern}".format(recipe=name) for name in names]

    return files
