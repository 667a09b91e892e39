# Inputs and params of the rules in rules/features.smk.


def in_shards(pattern):
    """Return an input function for the files of a pattern for all shards of a part, by default of train."""

    def files(wildcards):
        part = wildcards.get("part", "train")
        with checkpoints.cut_shards.get(dataset=wildcards.dataset, part=part).output[0].open() as table:
            return expand(pattern, **wildcards, shard=shards.read(table)["shard"])

    return files
