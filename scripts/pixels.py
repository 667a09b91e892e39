"""Decode the images of one published part to one shape."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from adapter import recorded

from headstart import hdf5, images, manifests
from headstart.files import sha256
from headstart.stage import stage

BATCH = 64


def main(*, manifest, root, target, part, shape, threads, terminal):
    """Write the usable images of ``part`` to ``target`` (HDF5, images × height × width × channels, uint8)."""
    rows = manifests.usable(manifests.read(manifest), part)
    with ThreadPoolExecutor(threads) as pool:

        def batches():
            for start in range(0, len(rows), BATCH):
                yield np.stack(
                    list(pool.map(partial(images.read, root, shape=shape), rows["path"][start : start + BATCH]))
                )

        attrs = {"manifest_sha256": sha256(manifest)}
        options = {"terminal": terminal, "title": f"decode {part}"}
        hdf5.write_rows(target, rows["id"], shape, np.uint8, batches(), attrs, **options)


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal, recorded(snakemake):
        main(
            manifest=snakemake.input.manifest,
            root=snakemake.input.images,
            target=snakemake.output[0],
            part=snakemake.wildcards.part,
            shape=tuple(map(int, snakemake.wildcards.shape.split("x"))),
            threads=snakemake.threads,
            terminal=terminal,
        )
