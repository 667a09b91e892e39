"""Places that are either a path or an address."""

from urllib.parse import urlsplit


def is_url(place):
    """Return whether ``place`` is an HTTP address rather than a path."""
    return str(place).startswith(("http://", "https://"))


def shown(place):
    """Return a path or address fit for logs and files: without user name, password and query."""
    if not is_url(place):
        return str(place)
    parts = urlsplit(str(place))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
