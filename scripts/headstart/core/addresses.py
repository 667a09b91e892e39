"""Tell addresses from paths, and keep credentials out of logs and files."""

import re


def is_url(place):
    """Return whether ``place`` is an HTTP address rather than a path."""
    return str(place).startswith(("http://", "https://"))


def shown(place):
    """Return a path or address fit for logs and files: without user name, password, query and fragment."""
    if "://" not in str(place):
        return str(place)
    return re.split(r"[?#]", re.sub(r"://[^/]*@", "://", str(place)))[0]


def clean(text):
    """Return ``text``, such as a client's error, without the parts of its addresses that `shown` removes."""
    text = re.sub(r"://[^/\s]*@", "://", text)
    # A client may quote an address without its host. One-letter keys stay: regular expressions contain (?P=id).
    return re.sub(r"((?<=://)[^\s?#]*)[?#][^\s'\"]*|\?[\w.~%-]{2,}=[^\s'\"]*", r"\1", text)
