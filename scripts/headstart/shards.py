"""The rows of an HDF5 file cut into shards, which are computed one by one and stay when other rows come or go."""

import hashlib

import pandas as pd

from headstart import hdf5
from headstart.files import atomic

LENGTH = 16  # hexadecimal digits of a shard's name


def cut(ids, size):
    """Yield where shards of ``size`` / 2 to ``size`` rows begin and end, the last one may be smaller, as slices.

    A shard ends after the row whose id has the smallest SHA-256 of all after which it may end (content-defined
    chunking, by the local extremum as in Bjørner, Blass & Gurevich, JCSS 76, 2010). So what ids lie near decides, not
    how many came before: after a row that is new, the shards are soon the same again.
    """
    digests = [hashlib.sha256(name.encode()).digest() for name in ids]
    start = 0
    while len(ids) - start > size:
        end = 1 + min(range(start + (size - 1) // 2, start + size), key=digests.__getitem__)
        yield slice(start, end)
        start = end
    yield slice(start, len(ids))


def named(ids):
    """Return the hash that names a shard of these ids, once it is updated with their rows."""
    return hashlib.sha256("\n".join(ids).encode())


def write(path, rows, size):
    """Write the table of the shards of an HDF5 file: shard (its name), first (row), images.

    The name says what is in it: the first digits of the SHA-256 over ids and rows.
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
    """Return the table of shards as a data frame."""
    return pd.read_csv(path, dtype={"shard": str})
