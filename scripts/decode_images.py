"""Decode the images of one published part to one shape."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from snakemake_adapter.records import recorded

from headstart.core.errors import InputError
from headstart.core.files import sha256
from headstart.core.stage import stage
from headstart.data import images, manifests
from headstart.formats import hdf5

BATCH = 64


def main(*, manifest, root, target, part, shape, background, threads, terminal):
    """Write the usable images of ``part`` to ``target`` (HDF5, images × height × width × channels, uint8).

    Transparent pixels are laid on ``background``. Where all pictures come out equal, a note says so. Raises
    `InputError` where an image is not the one that the manifest lists.
    """
    rows = manifests.usable(manifests.read(manifest), part)
    decode = partial(_decode, root, shape=shape, background=background)
    first, others = None, 0
    with ThreadPoolExecutor(threads) as pool:

        def batches():
            nonlocal first, others
            for start in range(0, len(rows), BATCH):
                batch = np.stack(
                    list(pool.map(decode, rows["path"][start : start + BATCH], rows["digest"][start : start + BATCH]))
                )
                first = batch[0] if first is None else first
                others += int((batch != first).any(axis=(1, 2, 3)).sum())
                yield batch

        attrs = {"manifest_sha256": sha256(manifest)}
        options = {"terminal": terminal, "title": f"decode {part}"}
        hdf5.write_rows(target, rows["id"], shape, np.uint8, batches(), attrs, **options)
    if len(rows) > 1 and not others:
        said = f"note: {target}: all {len(rows):,} pictures are equal once decoded, so nothing can be learned from them"
        for stream in (None, terminal):
            print(f"{said}. Look at one. If its ink is on transparent ground, set the key background.", file=stream)


def _decode(root, path, digest, **options):
    if images.digest(root, path) != digest:
        raise InputError(
            f"{root}/{path}: the picture does not match its digest in the manifest. "
            f"Run again with --forcerun write_manifest."
        )
    return images.read(root, path, **options)


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal, recorded(snakemake):
        main(
            manifest=snakemake.input.manifest,
            root=snakemake.params.own or snakemake.input.images,
            target=snakemake.output[0],
            part=snakemake.wildcards.part,
            shape=tuple(map(int, snakemake.wildcards.shape.split("x"))),
            background=snakemake.params.background,
            threads=snakemake.threads,
            terminal=terminal,
        )
