# Inputs and params of the rules in rules/data.smk.


def held_out(kind):
    """Return a param function for the folds of a split, grouped or random, that members validate on.

    The members are those of the dataset's recipes and sweeps. The function takes threads, so that Snakemake does not
    compare the param (see `non_derived_params`). The folds decide which checks run, not the stage's output. So one more
    recipe must not retrain all others.
    """

    def found(wildcards, threads):
        sweeps = [entry for entry in config["sweeps"].values() if entry["dataset"] == wildcards.dataset]
        names = [variant(entry["recipe"], point) for entry in sweeps for point in points(entry["grid"])]
        names += DATASETS[wildcards.dataset]["recipes"]
        return recipes.held_out(RECIPES, names, kind, folds(wildcards))

    return found


def downloads(wildcards):
    """Return ``[(dataset, file)]`` of the downloads that a dataset is unpacked from; none for drawn stand-ins."""
    entry = DATASETS[wildcards.dataset]
    return [] if entry["synthetic"] else [(wildcards.dataset, file) for file in entry["files"]]


def archives(wildcards):
    """Return as inputs the files that a dataset is unpacked from, downloads or stand-ins.

    They are not ancient, though their age means little. Snakemake 9 omits everything that a job to be run needs through
    ancient inputs alone. It omits even missing files, and ends without an error.
    """
    entry = DATASETS[wildcards.dataset]
    folder = f"results/{wildcards.dataset}/synthetic" if entry["synthetic"] else f"resources/{wildcards.dataset}"
    return [f"{folder}/{file}" for file in entry["files"]]


def folder_state(wildcards):
    """Return as param the state of a user's own folder, so that a change to it reruns what reads it."""
    folder = DATASETS[wildcards.dataset]["folder"]
    return state(folder) if folder else ""
