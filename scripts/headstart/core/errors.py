"""Define the one exception whose text is meant for the user."""

from headstart.core.addresses import clean


class InputError(Exception):
    """Input or configuration that cannot work.

    Its text is one line: what, where, expected, got, and what to do. The text omits the credentials of an address that
    it quotes. A stage prints it without a traceback and ends with exit code 1.
    """

    def __init__(self, text):
        super().__init__(clean(text))
