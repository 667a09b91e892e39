"""Split a manifest into train, validation and test."""

from snakemake_adapter.records import recorded

from headstart.core.errors import InputError
from headstart.core.files import atomic
from headstart.core.seeds import seed_of
from headstart.core.stage import stage
from headstart.data import manifests, splits


def main(*, manifest, target, dataset, folds, grouped, held_out, seed):
    """Write the split of ``manifest`` to ``target``; see `splits.split`."""
    try:
        split = splits.split(
            manifests.read(manifest),
            folds=folds,
            grouped=grouped,
            held_out=held_out,
            seed=seed_of(seed, dataset, "split"),
        )
    except InputError as error:
        raise InputError(f"datasets.{dataset}: {error}") from error
    with atomic(target) as temporary:
        split.to_csv(temporary, index=False, lineterminator="\n")
    print(split.groupby(["part", "fold"], dropna=False).size().to_string())


if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        main(
            manifest=snakemake.input.manifest,
            target=snakemake.output[0],
            dataset=snakemake.wildcards.dataset,
            folds=snakemake.params.folds,
            grouped=snakemake.params.grouped,
            held_out=snakemake.params.held_out,
            seed=snakemake.params.seed,
        )
