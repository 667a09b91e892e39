"""Set the same recipe under a random and under a grouped split side by side."""

from headstart import audit, hdf5, manifests
from headstart.files import read_json, write_json
from headstart.stage import stage


def main(*, random, grouped, features, manifest, threads, target):
    """Write what a random split hides to ``target`` as JSON; see `audit.kinship` and `audit.sentence`.

    ``random`` and ``grouped`` are metrics files, ``features`` those of the train part (HDF5).
    """
    keys = ("dataset", "recipe", "parts")
    metrics = {
        "random": read_json(random, keys, ("diverged",)),
        "grouped": read_json(grouped, keys, ("diverged",)),
    }
    images = manifests.usable(manifests.read(manifest), "train")
    share, chance = audit.kinship(hdf5.read_rows(features, images["id"]), images["group"], threads)
    figures = {name: found["parts"]["validation"] for name, found in metrics.items()}
    found = {
        "dataset": metrics["grouped"]["dataset"],
        "recipe": metrics["grouped"]["recipe"],
        "nearest_of_own_group": share,
        "nearest_of_own_group_by_chance": chance,
        **{name: {key: part[key] for key in ("images", "accuracy", "log_loss")} for name, part in figures.items()},
        "sentence": _diverged(metrics)
        or audit.sentence(metrics["grouped"]["recipe"], **figures, share=share, chance=chance),
    }
    print(found["sentence"])
    write_json(target, found)


def _diverged(metrics):
    """In words, which of the two recipes diverged; "" where neither did."""
    found = [f"{one['recipe']} diverged ({one['diverged']})" for one in metrics.values() if one["diverged"]]
    return f"{' and '.join(found)}: what a random split hides cannot be seen." if found else ""


if __name__ == "__main__":
    with stage(snakemake.log[0]):
        inputs = {name: snakemake.input[name] for name in ("random", "grouped", "features", "manifest")}
        main(**inputs, threads=snakemake.params.threads, target=snakemake.output[0])
