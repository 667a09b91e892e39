"""Places that are either a path or an address."""

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
    """Return a text of others, an error of a client say, without what `shown` leaves out of the addresses in it."""
    text = re.sub(r"://[^/\s]*@", "://", text)
    # An address may be quoted without its host. A key of one letter is left: (?P=id) stands in regular expressions.
    return re.sub(r"((?<=://)[^\s?#]*)[?#][^\s'\"]*|\?[\w.~%-]{2,}=[^\s'\"]*", r"\1", text)
