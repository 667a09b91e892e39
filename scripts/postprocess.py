"""Post-process a recipe's predictions, with settings that its validation images choose."""

import numpy as np
from snakemake_adapter.records import recorded

from headstart.core.files import atomic
from headstart.core.stage import stage
from headstart.data import manifests, splits
from headstart.evaluation import ensemble, intervals, postprocess
from headstart.formats import hdf5, predictions


def main(*, sources, rows, split, manifest, neighbours, metric, temperature, threads, target, tried):
    """Write the post-processed mean of the predictions ``sources`` to ``target``, and every setting tried to ``tried``.

    ``tried`` is a CSV. ``rows`` is ``{published part: HDF5 file}``, the features that say which images are near. It is
    empty where no neighbours are asked for. Other images choose the settings of each validation image, so that
    validation stays honest. See `postprocess.choosers`. All images together choose for the test part.
    """
    found = [predictions.read(source) for source in sources]
    parts, classes = ensemble.average([parts for parts, _ in found]), found[0][1]

    def features(part, ids):
        return hdf5.Rows(rows[part], ids) if rows else np.empty((len(ids), 0))

    ids = parts["validation"].ids
    folds = splits.read(split).set_index("id")["fold"].loc[ids].to_numpy(int)
    units = intervals.units(manifests.read(manifest).set_index("id").loc[ids])
    settings = {"neighbours": neighbours, "metric": metric, "temperature": temperature, "threads": threads}
    refined, table, pairs = postprocess.apply(parts, folds, units, features, **settings)
    kind = "fold" if len(set(folds)) > 1 else "part"
    for part, (count, degree) in pairs.items():
        print(f"{part if part == 'test' else f'{kind} {part}'}: neighbours {count}, temperature {degree}")
    with atomic(tried) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
    predictions.write(target, refined, classes)


if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        main(
            sources=list(snakemake.input.predictions),
            rows={part: path for part, path in snakemake.input.items() if part in ("train", "test")},
            split=snakemake.input.split,
            manifest=snakemake.input.manifest,
            target=snakemake.output.predictions,
            tried=snakemake.output.tried,
            threads=snakemake.params.threads,
            **snakemake.params.settings,
        )
