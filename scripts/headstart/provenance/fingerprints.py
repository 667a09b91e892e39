"""Return digests of a job's inputs as plain values, so that Snakemake compares content whatever the files' times.

Snakemake compares the content of inputs that are newer than the output. It misses a file that arrives with an older
time (cp -p, tar x, rsync -a). It always compares params.
"""

import contextlib
import hashlib
import json
from pathlib import Path
from stat import S_ISREG

from headstart.core.files import sha256, write_json

LENGTH = 16  # hexadecimal digits of a name's digest; enough to tell versions of a few files apart


class Fingerprints:
    """SHA-256 of files, kept in the JSON file ``kept``: a file is read again only after a change to it.

    As in git, a file counts as unchanged while its size, times and inode are. No ordinary program can set the time of
    its last change (ctime). A file that is gone keeps its last digest. Above ``limit`` bytes, size and time replace the
    digest.
    """

    def __init__(self, kept, limit):
        self.kept, self.limit, self.changed = Path(kept), limit, False
        try:
            self.known = dict(json.loads(self.kept.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            self.known = {}

    def of(self, path):
        """Return a file's fingerprint as a plain value; None for folders, and for files that never were there."""
        try:
            found = Path(path).stat()
            if not S_ISREG(found.st_mode):
                return None
            if found.st_size > self.limit:
                return f"{found.st_size} bytes, {found.st_mtime_ns}"
            state = [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
            if self.known.get(path, [None])[0] != state:
                self.known[path], self.changed = [state, sha256(path)], True
        except OSError:  # gone or unreadable
            return self.known.get(path, [None, None])[1]
        return self.known[path][1]

    def each(self, inputs):
        """Return ``{name: digest}`` for ``{name: path or paths}``, without names whose files have no fingerprint."""
        lists = {name: list(paths) if isinstance(paths, list) else [str(paths)] for name, paths in inputs.items()}
        found = {name: [self.of(path) for path in paths] for name, paths in lists.items()}
        return {name: _short(values) for name, values in found.items() if any(values)}

    def save(self):
        """Write the digests for the next run; if that fails, the next run reads the files again."""
        if self.changed:
            with contextlib.suppress(OSError):
                write_json(self.kept, self.known)


class Late(dict):
    """A param that is computed only when Snakemake compares or records it.

    A group of jobs has no inputs before it runs, so an earlier computation would find none. A stage receives a plain
    dict.
    """

    def __init__(self, work):
        super().__init__()
        self._work = work

    def __repr__(self):
        return repr(self._work())

    def __reduce__(self):
        return dict, (self._work(),)


def _short(values):
    return hashlib.sha256(repr(values).encode()).hexdigest()[:LENGTH]
