"""Cut the rows of an HDF5 file into shards; each is computed alone, and kept when other rows come or go."""

import hashlib

import pandas as pd

from headstart.core.files import atomic
from headstart.formats import hdf5

LENGTH = 16  # hexadecimal digits of a shard's name


def cut(ids, size):
    """Yield the slices of shards of ``size`` / 2 to ``size`` rows; the last one may be smaller.

    A shard ends after the permitted row whose id has the smallest SHA-256. This is content-defined chunking, by the
    local extremum as in Bjørner, Blass & Gurevich, JCSS 76, 2010. So the ids nearby decide, not the number of rows
    before. Soon after a new row, the shards are the same again.
    """
    digests = [hashlib.sha256(name.encode()).digest() for name in ids]
    start = 0
    while len(ids) - start > size:
        end = 1 + min(range(start + (size - 1) // 2, start + size), key=digests.__getitem__)
        yield slice(start, end)
        start = end
    yield slice(start, len(ids))


def named(ids):
    """Return the hash that names the shard of these ids, once it is updated with their rows."""
    return hashlib.sha256("\n".join(ids).encode())


def write(path, rows, size):
    """Write the table of the shards of an HDF5 file: shard (its name), first row, and number of images.

    The columns are shard, first and images. The name gives the content: the first digits of the SHA-256 over ids and
    rows.
    """
    ids, found = hdf5.read_ids(rows), []
    for place in cut(ids, size):
        name, count = named(ids[place]), place.stop - place.start
        for batch in hdf5.read_batches(rows, hdf5.BLOCK, place.start, count):
            name.update(batch)
        found.append((name.hexdigest()[:LENGTH], place.start, count))
    with atomic(path) as temporary:
        pd.DataFrame(found, columns=["shard", "first", "images"]).to_csv(temporary, index=False)


def read(path):
    """Read the table of shards into a data frame."""
    return pd.read_csv(path, dtype={"shard": str})
