"""Show a long stage's progress, rate and time left: as a bar on a terminal, else as occasional log lines."""

import sys

from tqdm import tqdm

SECONDS = 30  # between two lines in a log


def bar(iterable=None, *, terminal, **options):
    """Return tqdm's bar, with its ``options``, on ``terminal`` or on stderr.

    ``terminal`` is a text stream or None; the bar runs there only if the stream is a terminal.
    """
    seen = terminal is not None and terminal.isatty()
    often = {} if seen else {"mininterval": SECONDS, "maxinterval": SECONDS}
    return tqdm(iterable, file=terminal if seen else sys.stderr, **often, **options)
