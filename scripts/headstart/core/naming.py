"""Compare names of classes, folders and groups: composed (NFC), in any case, without spaces around them."""

import unicodedata
from collections import Counter

from headstart.core.errors import InputError

SHOWN = 4  # names of a long list that an error quotes


def nfc(text):
    """Return a name as most systems write it: accents composed with their letters (macOS separates them)."""
    return unicodedata.normalize("NFC", text)


def key(text):
    """Return the comparison key of a name; names with equal keys count as one."""
    return nfc(unicodedata.normalize("NFD", text).casefold()).strip()


def known(classes):
    """Return ``{key: class}``, each class as the config writes it."""
    return {key(name): name for name in classes}


def one_of(names):
    """Return the end of an error line that says which names are possible."""
    return f"Expected one of {', '.join(names)}." if names else "There is none: add one."


def counted(names):
    """Return in words how often each name occurs in a list: "8 of 'rose', 3 of 'tulip'"."""
    return commonest(names, "{:,} of {!r}", "more")


def refuse_others(where, names, path, classes, dataset):
    """Raise `InputError` for images of other classes than the config's; ``names`` has the class of each image."""
    raise InputError(
        f"{where}: unknown classes (got {counted(names)}, for example {path}). Expected {', '.join(classes)}. "
        f"Fix datasets.{dataset}.classes, or set datasets.{dataset}.other_classes to leave_out."
    )


def reasons(why):
    """Return in words how often each reason occurs in a list: "8 in a folder named val, 2 of no class (rose)"."""
    return commonest(why, "{:,} {}", "more reasons")


def commonest(names, form, rest):
    """Return in words the `SHOWN` commonest names of a list, and how many others there are.

    ``form`` formats a count and a name; ``rest`` is the word for the others.
    """
    counts = Counter(names).most_common()
    more = f" and {len(counts) - SHOWN} {rest}" if len(counts) > SHOWN else ""
    return ", ".join(form.format(count, name) for name, count in counts[:SHOWN]) + more
