"""What makes a download, or a folder of a user, what it is."""

from pathlib import Path

from headstart.addresses import shown


def identity(entry, mirror, path):
    """Return the identity of a download as plain values.

    ``entry`` is what the config says of it, ``mirror`` a folder, URL or None, ``path`` <dataset>/<file>. Where its
    digest is known, that alone: where it comes from changes nothing then, and moving a mirror runs nothing again. Else
    the sources, with size and time of the files that a person laid by hand or into a mirror folder.
    """
    digests = {key: entry[key] for key in ("sha256", "md5") if entry[key]}
    if digests:
        return digests
    laid = [Path(folder, path) for folder in ("resources/by-hand", mirror) if folder]
    stamps = [[file.stat().st_size, file.stat().st_mtime_ns] for file in laid if file.is_file()]
    sources = [{**source, **({"url": shown(source["url"])} if "url" in source else {})} for source in entry["sources"]]
    return {"mirror": shown(mirror or ""), "sources": sources, "laid": stamps}


def state(folder):
    """Return how many files a folder has, their bytes in all and the time of the newest, in nanoseconds."""
    found = [path.stat() for path in Path(folder).rglob("*") if path.is_file()]
    return [len(found), sum(stat.st_size for stat in found), max((stat.st_mtime_ns for stat in found), default=0)]
