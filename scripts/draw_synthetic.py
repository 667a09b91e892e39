"""Draw one archive of a stand-in dataset."""

from snakemake_adapter.records import recorded

from headstart.core.files import atomic
from headstart.core.stage import stage
from headstart.data.synthetic.archives import write_archive


def main(*, target, file, scene, seed):
    """Write the archive ``file`` of ``scene`` (the dataset's ``synthetic`` entry) to ``target``."""
    options = dict(scene)
    with atomic(target) as temporary:
        write_archive(temporary, options.pop("scene"), file, seed=seed, **options)


if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        main(
            target=snakemake.output[0],
            file=snakemake.wildcards.file,
            scene=snakemake.params.scene,
            seed=snakemake.params.seed,
        )
