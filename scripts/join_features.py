"""Join the features of all shards to one file: a view, or a copy where later jobs cannot see the shards."""

from itertools import chain

from snakemake_adapter.records import recorded

from headstart.core.errors import InputError
from headstart.core.stage import stage
from headstart.formats import hdf5


def main(*, pixels, parts, target, copy, terminal, title):
    """Write a file with the rows of ``parts``, the shards of ``pixels``, to ``target``; ``copy`` them or refer to them.

    Its attributes are the attributes of all parts, and the digests of the manifest and the decoded pixels. Raises
    `InputError` where the parts are of other images, or have different attributes.
    """
    made = [{name: value for name, value in hdf5.read_attrs(part).items() if name != "sha256"} for part in parts]
    for part, attrs in zip(parts, made, strict=True):
        if attrs != made[0]:
            raise InputError(
                f"{part}: expected attributes {made[0]}, as in {parts[0]} (got {attrs}). Remove the file and run again."
            )
    ids = [name for part in parts for name in hdf5.read_ids(part)]
    if ids != hdf5.read_ids(pixels):
        raise InputError(
            f"{target}: the shards do not match the images in {pixels}. Run again with --forcerun cut_shards."
        )
    source = hdf5.read_attrs(pixels)
    attrs = {"manifest_sha256": source["manifest_sha256"], "pixels_sha256": source["sha256"]}
    attrs |= made[0]
    if copy:
        (_, *shape), dtype = hdf5.form(parts[0])
        batches = chain.from_iterable(hdf5.read_batches(part, hdf5.BLOCK) for part in parts)
        hdf5.write_rows(target, ids, shape, dtype, batches, attrs, terminal=terminal, title=title, compress=True)
    else:
        hdf5.write_joined(target, parts, ids, attrs)


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal, recorded(snakemake):
        main(
            pixels=snakemake.input.pixels,
            parts=snakemake.input.parts,
            target=snakemake.output[0],
            copy=snakemake.params.copied,
            terminal=terminal,
            title=f"join {snakemake.wildcards.feature_layer}",
        )
