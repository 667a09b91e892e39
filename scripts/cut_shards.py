"""Cut images into shards: the backbone sees one shard in one job."""

from snakemake_adapter.records import recorded

from headstart.core.stage import stage
from headstart.features import shards

if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        shards.write(snakemake.output[0], snakemake.input.pixels, snakemake.params.size)
