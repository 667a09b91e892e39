"""Make the predictions of a recipe better, by what its validation images say."""

from dataclasses import replace

import numpy as np
from adapter import recorded

from headstart import hdf5, predictions, refinement, splits
from headstart.files import atomic
from headstart.stage import stage


def main(*, sources, rows, split, neighbours, metric, temperature, threads, target, tried):
    """Refine the mean of the predictions ``sources``, to ``target``; write all that was tried to ``tried`` (CSV).

    ``rows`` is ``{published part: HDF5 file}``, the features that say which images are near; empty where no neighbours
    are asked for. Each fold's images get what the other folds choose, so that validation stays honest; a fold that is
    alone chooses for itself. All folds together choose for the test part.
    """
    found = [predictions.read(source) for source in sources]
    parts, classes = predictions.average([parts for parts, _ in found]), found[0][1]

    def features(part, ids):
        return hdf5.read_rows(rows[part], ids) if rows else np.empty((len(ids), 0))

    def order(values):
        return refinement.nearest(values, max(neighbours), metric, threads)

    validation = parts["validation"]
    folds = splits.read(split).set_index("id")["fold"].loc[validation.ids].to_numpy(int)
    places = {fold: np.flatnonzero(folds == fold) for fold in sorted(set(folds))}
    values = features("train", validation.ids)
    orders = {fold: (place, order(values[place])) for fold, place in places.items()}
    del values  # those of the test part may fill the memory
    table = refinement.tried(validation.probabilities, validation.labels, orders, neighbours, temperature)
    probabilities = np.empty(validation.probabilities.shape)
    for fold, (place, near) in orders.items():
        others = table[table["fold"] != fold]
        chosen = refinement.best(others if len(others) else table)
        print(f"fold {fold}: neighbours {chosen[0]}, temperature {chosen[1]}")
        probabilities[place] = refinement.refine(validation.probabilities[place], near, *chosen)
    refined = {"validation": replace(validation, probabilities=probabilities)}
    if "test" in parts:
        test, chosen = parts["test"], refinement.best(table)
        print(f"test: neighbours {chosen[0]}, temperature {chosen[1]}")
        near = order(features("test", test.ids))
        refined["test"] = replace(test, probabilities=refinement.refine(test.probabilities, near, *chosen))
    with atomic(tried) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
    predictions.write(target, refined, classes)


if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        main(
            sources=list(snakemake.input.predictions),
            rows={part: path for part, path in snakemake.input.items() if part in ("train", "test")},
            split=snakemake.input.split,
            target=snakemake.output.predictions,
            tried=snakemake.output.tried,
            threads=snakemake.params.threads,
            **snakemake.params.refine,
        )
