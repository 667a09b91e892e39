"""What a downloaded file contains, whatever it came packed in.

The same digits are published gzipped and, in a package, as they are; the same weights as HDF5 and as ONNX. Headstart
keeps one form of each, named by its suffix, and takes the digest of what is inside, so that every source can be
checked against one number.
"""

import gzip
import shutil

from headstart import digests, weights


def digest(path, name):
    """Return the SHA-256 of the content of the file ``path`` that will be called ``name``.

    .h5: over the weights' arrays (`weights.digest`); anything else: `digests.content`. Raises `InputError` where the
    content cannot be read.
    """
    return weights.digest(path) if name.endswith(".h5") else digests.content(path, name)


def pack(member, path, name):
    """Bring ``member``, a file out of a package, into the form that ``name`` stands for, at ``path``."""
    if name.endswith(".gz") and member.suffix != ".gz":
        with open(member, "rb") as source, open(path, "wb") as target:
            # No name and no time in the header: the same content is the same file.
            with gzip.GzipFile("", "wb", 6, target, mtime=0) as packed:
                shutil.copyfileobj(source, packed, 1 << 20)
    elif name.endswith(".h5") and member.suffix == ".onnx":
        weights.from_onnx(member, path)
    else:
        shutil.copyfile(member, path)
