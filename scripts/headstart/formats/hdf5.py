"""Read and write arrays with one row per image, in HDF5: pixels and features.

A file holds ``values`` (images × …), ``ids`` and ``checks`` (images). Its attributes record what made it. The attribute
``sha256`` is the digest over all values in C order. In a joined file, it is the digest over the digests of its parts.
``checks`` are the CRC-32 over each row's id and values, compared whenever the row is read. HDF5's own Fletcher-32 would
take as long, but it takes 0 and 65,535 for the same. So it misses black pixels that become white.
"""

import contextlib
import errno
import hashlib
import math
import os
import shutil
import zlib
from pathlib import Path

import h5py
import numpy as np

from headstart.core import progress
from headstart.core.errors import InputError
from headstart.core.files import REMEDY, atomic, raise_refusal, reading

SLACK = 100  # bytes per image for its id
BLOCK = 256  # rows per read: 26 MB of 7 × 7 × 512 float32
NEAR = 2**16  # bytes: one read gets rows that are no farther apart; small rows are compressed together up to this
COMPRESSED = 3  # so many times smaller are compressed rows taken to be; VGG16's features are five times smaller


@contextlib.contextmanager
def writing(path):
    """Yield a new HDF5 file in memory; at the end write it to ``path`` in one piece.

    The content must fit into memory twice. HDF5 writes small arrays when it frees their objects, and h5py only prints
    the errors of that. So a file with holes, written to a full disk, would look whole.
    """
    with h5py.File(path, "w", driver="core", backing_store=False) as file:
        yield file
        file.flush()
        content = file.id.get_file_image()
    Path(path).write_bytes(content)


@contextlib.contextmanager
def _refused(path):
    """Turn h5py's `RuntimeError` for a write that the system refuses (a full disk) into an `OSError`."""
    try:
        yield
    except RuntimeError as error:
        raise_refusal(error, path)
        raise


def write_texts(group, name, texts):
    """Write a dataset of texts into an open file or into one of its groups."""
    group.create_dataset(name, data=np.array(texts, dtype=object), dtype=h5py.string_dtype())


def write_rows(path, ids, shape, dtype, batches, attrs, *, terminal, title, compress=False):
    """Write rows of ``shape`` and ``dtype`` for all ``ids``, in their order, from the arrays that ``batches`` yields.

    ``attrs`` become attributes of the file. A bar called ``title`` runs on ``terminal``. ``compress`` is for rows that
    are mostly zeros: gzip, which every reader of HDF5 knows, and which loses nothing. The file appears when it is
    whole. Raises `OSError` if the disk lacks room, and `InputError` if rows and ids differ in number.
    """
    total, checks, size = hashlib.sha256(), [], math.prod(shape) * np.dtype(dtype).itemsize
    chunk = (min(len(ids), max(1, NEAR // max(1, size))), *shape)
    filters = {"chunks": chunk, "compression": "gzip", "compression_opts": 1} if compress and len(ids) else {}
    with atomic(path) as temporary:
        # Check before hours of work: HDF5 does not always recover from a refused write (see `writing`).
        needed = len(ids) * (size // (COMPRESSED if compress else 1) + SLACK)
        if shutil.disk_usage(temporary.parent).free < needed + SLACK * SLACK:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with _refused(path), h5py.File(temporary, "w") as file:
            file.attrs.update(attrs)
            write_texts(file, "ids", ids)
            values = file.create_dataset("values", (len(ids), *shape), dtype, **filters)
            start = 0
            with progress.bar(desc=title, total=len(ids), unit=" images", terminal=terminal) as bar:
                for batch in batches:
                    batch = np.ascontiguousarray(batch, values.dtype)
                    values[start : start + len(batch)] = batch
                    total.update(batch)
                    checks += map(_check, ids[start : start + len(batch)], batch)
                    start += len(batch)
                    bar.update(len(batch))
            file.attrs["sha256"] = total.hexdigest()
            if start != len(ids):
                raise InputError(
                    f"{path}: rows and ids differ in number (got {start} rows, {len(ids)} ids). Remove its inputs "
                    f"and run again."
                )
            file["checks"] = np.array(checks, np.uint32)
            file.flush()  # a refusal is an error here, and only a printed line when the file closes


def write_joined(path, parts, ids, attrs):
    """Write a file that joins the values of ``parts``, HDF5 files, one after another, without copying them.

    The file names its parts relative to itself, so that their folder can be moved. ``ids`` are the ids of all rows.
    ``attrs`` become attributes.
    """
    shape, dtype = form(parts[0])
    layout, start = h5py.VirtualLayout((len(ids), *shape[1:]), dtype), 0
    layout.dcpl.set_obj_track_times(False)  # like h5py's other datasets: the same parts make the same file
    checks = []
    for part in parts:
        shape, _ = form(part)
        with _open(part) as file:
            checks.append(file["checks"][:])
        name = os.path.relpath(part, Path(path).parent)
        layout[start : start + shape[0]] = h5py.VirtualSource(name, "values", shape, dtype)
        start += shape[0]
    with atomic(path) as temporary, writing(temporary) as file:
        file.attrs.update(attrs | {"sha256": _digest_of(parts)})
        write_texts(file, "ids", ids)
        file.create_virtual_dataset("values", layout)
        file["checks"] = np.concatenate(checks)


def _digest_of(parts, remedy=REMEDY):
    digests = []
    for part in parts:
        with _open(part, remedy) as file:
            digests.append(file.attrs["sha256"])
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def form(path):
    """Return shape (images × …) and dtype of a file's values."""
    with _open(path) as file:
        return file["values"].shape, file["values"].dtype


def read_ids(path):
    """Return the ids of a file's rows, in their order."""
    with _open(path) as file:
        return list(file["ids"].asstr()[:])


def read_attrs(path):
    """Return a file's attributes as a dict."""
    with _open(path) as file:
        return {name: value.item() if hasattr(value, "item") else value for name, value in file.attrs.items()}


class Rows:
    """The rows of some images in a file, read on demand: ``rows[numbers]`` is an array len(numbers) × ….

    The numbers are an array of places in ``ids``, or a slice. ``shape`` and ``dtype`` are of all rows together. The
    file stays open. Raises `InputError` if it cannot be read, lacks an id or has other values than were written.
    """

    def __init__(self, path, ids):
        self.path, self.ids, self._file = Path(path), np.array(ids, dtype=object), None
        with _open(path) as file:
            position = {name: row for row, name in enumerate(file["ids"].asstr()[:])}
            missing = [name for name in ids if name not in position]
            if missing:
                raise InputError(
                    f"{path}: no row for image {missing[0]!r} ({len(missing)} missing). Remove the file and run again."
                )
            self._places = np.array([position[name] for name in ids], dtype=int)
            self._checks = file["checks"][:][self._places]
            self.shape, self.dtype = (len(ids), *file["values"].shape[1:]), file["values"].dtype

    def __len__(self):
        return len(self._places)

    def __getitem__(self, numbers):
        places = self._places[numbers]
        out = np.empty((len(places), *self.shape[1:]), self.dtype)
        order = np.argsort(places)
        with reading(self.path, "HDF5 file"):
            self._file = self._file or h5py.File(self.path)
            values = self._file["values"]
            # Read rows that are near each other in one piece: h5py takes far longer to read a list of rows.
            for some in self._pieces(places[order]):
                here = order[some]
                first, last = places[here[0]], places[here[-1]]
                out[here] = values[first : last + 1][places[here] - first]
            _compare(self._file, self.path, self.ids[numbers], out, self._checks[numbers], places)
        return out

    def _pieces(self, places):
        """Return the slices of the sorted ``places`` that are read in one piece each."""
        near = max(1, NEAR // (math.prod(self.shape[1:]) * self.dtype.itemsize))
        new = np.flatnonzero(np.diff(places) > near) + 1
        starts = np.unique(np.concatenate([new, np.arange(0, len(places), BLOCK)]))
        return map(slice, starts, [*starts[1:], len(places)])


def read_rows(path, ids):
    """Return the rows of the given ids, in the given order, as an array len(ids) × …; see `Rows`."""
    return Rows(path, ids)[:]


def read_batches(path, size, first=0, count=None):
    """Yield the rows of a file in batches of ``size``: ``count`` rows from row ``first`` on, or all.

    Raises `InputError` if the file cannot be read or has other values than were written.
    """
    with _open(path) as file:
        values = file["values"]
        end = len(values) if count is None else first + count
        names, checks = file["ids"].asstr()[first:end], file["checks"][first:end]
        for start in range(first, end, size):
            rows = values[start : min(start + size, end)]
            _compare(file, path, names[start - first :], rows, checks[start - first :], range(start, end))
            yield rows


def _check(name, row):
    return zlib.crc32(row, zlib.crc32(name.encode()))


def _compare(file, path, ids, rows, checks, places):
    """Raise `InputError` unless the rows match their checks; ``places`` are their row numbers in the file."""
    for name, row, check, place in zip(ids, rows, checks, places, strict=False):
        if _check(name, row) != check:
            where = _part(file, path, place)
            both = "it" if where == Path(path) else f"it and {path}"
            raise InputError(
                f"{where}: checksum mismatch in the values of image {name!r}. Remove {both}, then run again."
            )


def _part(file, path, row):
    """Return the path of the file that holds a row: the opened file, or one of the parts it joins."""
    if file["values"].is_virtual:
        for source in file["values"].virtual_sources():
            (first, *_), (last, *_) = source.vspace.get_select_bounds()
            if first <= row <= last:
                return Path(path).parent / source.file_name
    return Path(path)


@contextlib.contextmanager
def _open(path, remedy=REMEDY):
    """Open a file. Raises `InputError` if it or one of its parts is damaged, or if a part has changed."""
    with reading(path, "HDF5 file", remedy), h5py.File(path) as file:
        if "values" in file and file["values"].is_virtual:
            # HDF5 returns zeros for a missing part.
            parts = [Path(path).parent / source.file_name for source in file["values"].virtual_sources()]
            if _digest_of(parts, f"Remove it and {path}, then run again.") != file.attrs["sha256"]:
                raise InputError(f"{path}: the files that it joins have changed in {parts[0].parent}. {remedy}")
        yield file
