"""The one exception whose text is meant for the user."""


class InputError(Exception):
    """Input or configuration that cannot work.

    Its text is one line: what, where, expected, got, and what to do. A stage prints it without a traceback and ends
    with exit code 1.
    """
