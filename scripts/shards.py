"""Say which images the trunk sees in one job."""

from adapter import recorded

from headstart import shards
from headstart.stage import stage

if __name__ == "__main__":
    with stage(snakemake.log[0]), recorded(snakemake):
        shards.write(snakemake.output[0], snakemake.input.pixels, snakemake.params.size)
