"""Set the same recipe under a random and under a grouped split side by side."""

from adapter import recorded

from headstart import audit, hdf5, manifests, predictions, splits
from headstart.files import write_json
from headstart.seeds import seed_of
from headstart.stage import stage


def main(*, random, grouped, features, manifest, target, dataset, recipe, folds, seed, threads):
    """Write what a random split hides, and how far the split moves a figure, to ``target`` as JSON; see `audit`.

    ``random`` and ``grouped`` are the ensembles' predictions, of which the latter are ``recipe``'s; ``features`` those
    of the train part (HDF5).
    """
    images = manifests.read(manifest)
    parts = [predictions.read(path)[0]["validation"] for path in (random, grouped)]
    compared = audit.compare(*parts, images.set_index("id")["group"])
    train = manifests.usable(images, "train")
    values = hdf5.read_rows(features, train["id"])
    folds = [_folds(images, train["id"], folds, seed_of(seed, dataset, "audit", i)) for i in range(audit.SPLITS)]
    moved = audit.moved(audit.pooled(values), train["label"], folds, threads)
    share, chance = audit.kinship(values, train["group"], threads)
    found = {
        "dataset": dataset,
        "recipe": recipe,
        **compared,
        "nearest_of_own_group": share,
        "nearest_of_own_group_by_chance": chance,
        "splits": moved,
        "sentence": _diverged(recipe, parts) or audit.sentence(recipe, compared, share, chance, moved),
    }
    print(found["sentence"])
    write_json(target, found)


def _diverged(recipe, parts):
    """In words, that what an audit compares diverged; "" where it did not."""
    found = [part.diverged for part in parts if part.diverged]
    return f"{recipe} diverged ({found[0]}): what a random split hides cannot be seen." if found else ""


def _folds(manifest, ids, folds, seed):
    """The fold of each id under a grouped split that is drawn by ``seed``."""
    drawn = splits.split(manifest, folds=folds, seed=seed, held_out=())
    return drawn.set_index("id").loc[ids, "fold"].to_numpy(int)


if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        main(
            **{name: snakemake.input[name] for name in ("random", "grouped", "features", "manifest")},
            **{name: snakemake.params[name] for name in ("recipe", "folds", "seed", "threads")},
            dataset=snakemake.wildcards.dataset,
            target=snakemake.output[0],
        )
