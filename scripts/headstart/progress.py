"""How far a long stage is: a bar with rate and time left, on a terminal; elsewhere in its log, now and then."""

import sys

from tqdm import tqdm

SECONDS = 30  # between two lines in a log


def bar(iterable=None, *, terminal, **options):
    """Return tqdm's bar (its ``options``) on ``terminal``, a text stream or None, where that is one, else on stderr."""
    seen = terminal is not None and terminal.isatty()
    often = {} if seen else {"mininterval": SECONDS, "maxinterval": SECONDS}
    return tqdm(iterable, file=terminal if seen else sys.stderr, **often, **options)
