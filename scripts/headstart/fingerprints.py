"""What the inputs of a job hold, as plain values for Snakemake to compare, whatever their times say.

Snakemake compares the content of what is newer than what was made from it. A file that comes with an older time (cp -p,
tar x, rsync -a) it passes over. Params are compared always.
"""

import contextlib
import hashlib
import json
from pathlib import Path
from stat import S_ISREG

from headstart.files import sha256, write_json

LENGTH = 16  # hexadecimal digits of a name's digest; enough to tell versions of a few files apart


class Fingerprints:
    """SHA-256 of files, kept in the JSON file ``kept``: a file is read again only after it was written.

    As git does it, a file counts as the same while size, times and inode are: no ordinary program can set the time of
    its last change. A file that is gone counts as it was. Of more than ``limit`` bytes, size and time serve.
    """

    def __init__(self, kept, limit):
        self.kept, self.limit, self.changed = Path(kept), limit, False
        try:
            self.known = dict(json.loads(self.kept.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            self.known = {}

    def of(self, path):
        """Return what a file holds as a plain value; None for folders, and for what is not there and never was."""
        try:
            found = Path(path).stat()
            if not S_ISREG(found.st_mode):
                return None
            if found.st_size > self.limit:
                return f"{found.st_size} bytes, {found.st_mtime_ns}"
            state = [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
            if self.known.get(path, [None])[0] != state:
                self.known[path], self.changed = [state, sha256(path)], True
        except OSError:  # gone, or not to be read
            return self.known.get(path, [None, None])[1]
        return self.known[path][1]

    def each(self, inputs):
        """Return ``{name: digest}`` of ``{name: path or paths}``, without names of which nothing is known."""
        lists = {name: list(paths) if isinstance(paths, list) else [str(paths)] for name, paths in inputs.items()}
        found = {name: [self.of(path) for path in paths] for name, paths in lists.items()}
        return {name: _short(values) for name, values in found.items() if any(values)}

    def save(self):
        """Keep what was read for the next time; where nothing can be written, that reads it again."""
        if self.changed:
            with contextlib.suppress(OSError):
                write_json(self.kept, self.known)


class Late(dict):
    """A param that is worked out when Snakemake compares or records it: a group of jobs has no inputs before it runs.

    To a stage it is a plain dict.
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
