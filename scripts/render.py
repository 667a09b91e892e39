"""Render one archive of a stand-in dataset."""

from adapter import recorded

from headstart.files import atomic
from headstart.render import write_archive
from headstart.stage import stage


def main(*, target, file, scene, seed):
    """Write the archive ``file`` of ``scene`` (the dataset's ``rendered`` entry) to ``target``."""
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
