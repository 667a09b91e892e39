"""Compute the digest of a downloaded file's content, whatever its packing, and bring it into one form.

Publishers offer the same digits gzipped and, in a package, unpacked. They offer the same weights as HDF5 and as ONNX.
Headstart keeps one form of each, named by its suffix. It takes the digest of the content, so one number checks every
source.
"""

import gzip
import shutil

from headstart.formats import digests, weights


def digest(path, name):
    """Return the SHA-256 of the content of the file ``path``, which will be called ``name``.

    .h5: over the weights' arrays (`weights.digest`). Anything else: `digests.content`. Raises `InputError` if the
    content cannot be read.
    """
    return weights.digest(path) if name.endswith(".h5") else digests.content(path, name)


def pack(member, path, name):
    """Write ``member``, a file from a package, to ``path`` in the form that the suffix of ``name`` calls for."""
    if name.endswith(".gz") and member.suffix != ".gz":
        with open(member, "rb") as source, open(path, "wb") as target:
            # Without name and time in the header, the same content gives the same file.
            with gzip.GzipFile("", "wb", 6, target, mtime=0) as packed:
                shutil.copyfileobj(source, packed, 1 << 20)
    elif name.endswith(".h5") and member.suffix == ".onnx":
        weights.from_onnx(member, path)
    else:
        shutil.copyfile(member, path)
