"""Set Matplotlib up for every picture: text from data is text, never markup."""

import matplotlib as mpl
from matplotlib.ticker import LogFormatter

SETTINGS = {"text.parse_math": False}  # `$` in a class name is a dollar sign

# Decorates a function that makes and saves a figure: Matplotlib makes ticks and their labels while it saves.
literal = mpl.rc_context(SETTINGS)


class _Number(LogFormatter):
    """A formatter with plain numbers for the ticks that Matplotlib would label; its own labels are markup."""

    def __call__(self, x, pos=None):
        return super().__call__(x, pos) and f"{x:g}"


def log_scale(axes):
    """Set the vertical axis to a logarithmic scale."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(_Number())
    axes.yaxis.set_minor_formatter(_Number())
