"""Check a recipe for leakage: compare it under a random and under a grouped split."""

from snakemake_adapter.records import recorded

from headstart.core.files import write_json
from headstart.core.seeds import seed_of
from headstart.core.stage import stage
from headstart.data import manifests, splits
from headstart.evaluation import leakage
from headstart.formats import hdf5, predictions


def main(*, random, grouped, features, manifest, target, dataset, recipe, folds, seed, threads):
    """Write the leakage check of ``recipe`` to ``target`` as JSON; see `leakage`.

    It says how much a random split hides, and how far the split moves a figure. ``random`` and ``grouped`` are the
    ensembles' predictions; the grouped ones are ``recipe``'s. ``features`` are the features of the train part (HDF5).
    """
    images = manifests.read(manifest)
    parts = [predictions.read(path)[0]["validation"] for path in (random, grouped)]
    compared = leakage.compare(*parts, images.set_index("id")["group"])
    train = manifests.usable(images, "train")
    values = hdf5.Rows(features, train["id"])
    folds = [_folds(images, train["id"], folds, seed_of(seed, dataset, "audit", i)) for i in range(leakage.SPLITS)]
    moved = leakage.moved(leakage.pooled(values), train["label"], folds, threads)
    share, chance = leakage.kinship(values, train["group"], threads)
    found = {
        "dataset": dataset,
        "recipe": recipe,
        **compared,
        "nearest_of_own_group": share,
        "nearest_of_own_group_by_chance": chance,
        "splits": moved,
        "sentence": _diverged(recipe, parts) or leakage.sentence(recipe, compared, share, chance, moved),
    }
    print(found["sentence"])
    write_json(target, found)


def _diverged(recipe, parts):
    """Return in words that a compared ensemble diverged, "" where none did."""
    found = [part.diverged for part in parts if part.diverged]
    return f"{recipe} diverged ({found[0]}), so the leakage check has no result." if found else ""


def _folds(manifest, ids, folds, seed):
    """Return the fold of each id under a grouped split that is drawn by ``seed``."""
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
