"""Draw Matplotlib figures as SVG: readable in light and dark, on a phone and printed.

Equal figures are equal to the bit.
"""

import io

import matplotlib as mpl
from matplotlib.figure import Figure

from headstart.core.files import atomic
from headstart.report import plots

INK, COLOURS = "#010203", ("#2f7fc1", "#d55e00", "#009e73")  # all three have contrast 3 : 1 to white and to near black
MARK = "</metadata>"
STYLE = "<style>svg{color:#1b1b1b}@media (prefers-color-scheme:dark){svg{color:#e6e6e6}}</style>"
SETTINGS = {
    **plots.SETTINGS,
    "svg.hashsalt": "headstart",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": mpl.cycler(color=COLOURS),
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK),
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "legend.frameon": False,
}


def drawn(width, height, draw):
    """Return the SVG, as text, of a figure of width × height inches that ``draw(figure)`` fills.

    `INK` becomes the colour of text: dark on a light page, light on a dark one.
    """
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        return text(figure)


def text(figure):
    """Return the SVG of a figure as text; see `drawn`."""
    with mpl.rc_context(SETTINGS):
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue().replace(INK, "currentColor").replace(MARK, MARK + STYLE, 1)


def save(path, content):
    """Write a figure's text to ``path``; the file appears when it is whole."""
    with atomic(path) as temporary:
        temporary.write_text(content, encoding="utf-8")
