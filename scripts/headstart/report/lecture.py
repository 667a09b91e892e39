"""Compute and draw the lecture's small systems: convolution, pooling, softmax, a line fitted by SGD, VGG16's layers."""

import numpy as np
import pandas as pd
from scipy.ndimage import convolve, correlate
from scipy.special import softmax

from headstart.report import plots
from headstart.report.svg import COLOURS, INK, drawn

TOP = np.array([[-1, -1, -1], [1, 1, 1], [0, 0, 0]])  # dark above bright; the lecture turns it for the other edges
EDGES = {name: np.rot90(TOP, turns) for turns, name in enumerate(("top", "left", "bottom", "right"))}
POOL = 7
FRAMES = 30
BYTES = 4  # of a float32


def edges(digit):
    """Draw edge filters slid over ``digit``, height × width, 0 to 1.

    Above is correlation, as a convolutional layer does it. Below is convolution with the filter turned by 180 degrees.
    A title has the largest difference between the two, which is 0.
    """

    def draw(figure):
        axes = figure.subplots(3, 1 + len(EDGES))
        for place in axes.flat:
            place.set_axis_off()
        axes[1, 0].imshow(digit, cmap="gray")
        axes[1, 0].set_title("the digit")
        for (name, kernel), (above, middle, below) in zip(EDGES.items(), axes[:, 1:].T, strict=True):
            _numbers(above, kernel)
            above.set_title(f"{name} edge")
            one, other = correlate(digit, kernel), convolve(digit, np.rot90(kernel, 2))
            middle.imshow(one, cmap="gray")
            middle.set_title("correlation")
            below.imshow(other, cmap="gray")
            below.set_title(f"convolution, filter\nturned: difference {np.abs(one - other).max():.0f}")

    return drawn(8.4, 5.6, draw)


def _numbers(axes, values, form="{:g}"):
    """Write a matrix as numbers in cells, coloured by their size."""
    most = np.abs(values).max() or 1
    axes.imshow(np.abs(values) / most, cmap="Blues", vmin=0, vmax=1, alpha=0.45)
    for row, column in np.ndindex(values.shape):
        axes.text(column, row, form.format(values[row, column]), ha="center", va="center", fontsize=8)


def pool(values, size=POOL):
    """Return max pooling of a matrix over squares of ``size``; a rest that does not fill a square is left out."""
    height, width = (side // size for side in values.shape)
    return values[: height * size, : width * size].reshape(height, size, width, size).max(axis=(1, 3))


def pooling(digit):
    """Draw `pool` of the digit's top edges: the squares, and the numbers that are left."""
    found = np.maximum(correlate(digit, TOP), 0)

    def draw(figure):
        left, right = figure.subplots(1, 2)
        left.imshow(found, cmap="gray")
        left.set_title(f"top edges, {found.shape[0]} × {found.shape[1]}")
        for line in range(0, found.shape[0] + 1, POOL):
            left.axhline(line - 0.5, color=COLOURS[1], linewidth=1)
            left.axvline(line - 0.5, color=COLOURS[1], linewidth=1)
        pooled = pool(found)
        _numbers(right, pooled, "{:.2f}")
        right.set_title(f"the largest of each {POOL} × {POOL} square")
        for axes in (left, right):
            axes.set_axis_off()

    return drawn(7, 3.6, draw)


def softmaxed(scores, classes):
    """Draw the softmax of ``scores``: eᶻ, and its share of the sum, which adds up to 1."""
    powers, shares = np.exp(scores), softmax(scores)

    def draw(figure):
        axes = figure.subplots()
        axes.set_axis_off()
        cells = [
            [f"{score:.2f}", f"{power:.2f}", f"{share:.3f}"]
            for score, power, share in zip(scores, powers, shares, strict=True)
        ]
        cells.append(["", f"{powers.sum():.2f}", f"{shares.sum():.3f}"])
        table = axes.table(
            cells, rowLabels=[*classes, "sum"], colLabels=["score z", "exp z", "exp z / sum"], loc="center", edges="B"
        )
        table.auto_set_font_size(False)
        table.set_fontsize(10)
        table.scale(1, 1.5)
        for cell in table.get_celld().values():
            cell.set_edgecolor(INK)

    return drawn(5.2, 2.9, draw)


def descent(rng, steps=FRAMES * 10, rate=0.01):
    """Fit a line y = ax + b by stochastic gradient descent, one point a step, with derivatives written out.

    For the loss (ax + b − y)², they are 2x(ax + b − y) by a and 2(ax + b − y) by b. Returns points (x, y), the true (a,
    b), and a data frame. It has a row a step, and one before the first: a, b, loss (mean over all points).
    """
    truth = (3.0, 8.0)
    x = rng.uniform(0, 1, 30) * 4 - 2
    y = truth[0] * x + truth[1]
    a, b = -1.0, 1.0
    rows = [(a, b, np.mean((a * x + b - y) ** 2))]
    for step in range(steps):
        point = step % len(x)
        error = a * x[point] + b - y[point]
        a -= rate * 2 * x[point] * error
        b -= rate * 2 * error
        rows.append((a, b, np.mean((a * x + b - y) ** 2)))
    return x, y, truth, pd.DataFrame(rows, columns=["a", "b", "loss"])


def line(x, y, truth, history):
    """Draw `descent` as frames, groups of the SVG with the ids frame-0, frame-1, …; only the last is seen."""
    shown = np.linspace(0, len(history) - 1, FRAMES + 1).astype(int)
    ends = np.array([x.min(), x.max()])

    def draw(figure):
        left, right = figure.subplots(1, 2)
        left.plot(x, y, "o", markersize=3.5)
        left.set(xlabel="x", ylabel="y")
        right.plot(history["loss"], linewidth=1.2)
        right.set(xlabel="step", ylabel="loss")
        plots.log_scale(right)
        for axes in (left, right):
            axes.grid(alpha=0.25, color=INK)
        limits = left.get_ylim()
        for frame, step in enumerate(shown):
            a, b, loss = history.iloc[step]
            said = f"step {step}: y = {a:.2f} x + {b:.2f}, loss {loss:.3g}; true: y = {truth[0]:g} x + {truth[1]:g}"
            left.plot(ends, a * ends + b, color=COLOURS[1], linewidth=2, gid=f"frame-{frame}-line")
            right.plot([step], [loss], "o", color=COLOURS[1], gid=f"frame-{frame}-loss")
            left.text(0, 1.04, said, transform=left.transAxes, fontsize=8.5, gid=f"frame-{frame}-text")
        left.set_ylim(min(limits[0], -4), limits[1])

    style = f"<style>[id^=frame-]{{display:none}}[id^=frame-{FRAMES}-]{{display:inline}}</style>"
    return drawn(8.4, 3.4, draw).replace("<defs>", f"{style}<defs>", 1)


def as_matrix(kernel, height, width):
    """Return the matrix, outputs × inputs, of a valid correlation of height × width inputs with ``kernel``."""
    rows, columns = (height - kernel.shape[0] + 1, width - kernel.shape[1] + 1)
    matrix = np.zeros((rows, columns, height, width))
    for row, column in np.ndindex(rows, columns):
        matrix[row, column, row : row + kernel.shape[0], column : column + kernel.shape[1]] = kernel
    return matrix.reshape(rows * columns, height * width)


def convolution_as_matrix(digit, side=6):
    """Draw the convolution of a side × side picture as a product with a matrix, whose weights are mostly 0."""
    kernel = np.arange(1, 10).reshape(3, 3)
    small, whole = as_matrix(kernel, side, side), as_matrix(kernel, *digit.shape)
    direct = correlate(digit, kernel)[1:-1, 1:-1]
    difference = np.abs(whole @ digit.ravel() - direct.ravel()).max()

    def draw(figure):
        axes = figure.subplots()
        axes.imshow(np.where(small == 0, np.nan, small), cmap="viridis")
        for row, column in zip(*np.nonzero(small), strict=True):
            weight = small[row, column]
            axes.text(
                column,
                row,
                f"{weight:g}",
                ha="center",
                va="center",
                fontsize=6,
                color="white" if weight < 6 else "black",
            )
        axes.set(xlabel=f"the {side} × {side} inputs", ylabel=f"the {side - 2} × {side - 2} outputs")
        axes.set_title(
            f"Each row has the same 3 × 3 weights; {(small == 0).mean():.0%} of the matrix is 0. "
            f"For the digit ({whole.shape[0]} × {whole.shape[1]}) it is {(whole == 0).mean():.1%}.\n"
            f"Largest difference between matrix product and convolution: {difference:.1g}",
            fontsize=9,
        )

    return drawn(8.4, 4.4, draw)


def layer_table(model):
    """Return a data frame with a row for each layer that has weights or pools.

    Columns:
    - layer
    - output: its shape
    - parameters
    - activations: numbers an image
    - multiplications: an image, and as many additions
    A convolution multiplies kernel height × width × channels for each output. A dense layer multiplies its inputs for
    each output.
    """
    rows = []
    for layer in model.layers:
        shape = layer.output.shape[1:]
        outputs = int(np.prod(shape))
        if not layer.weights:
            if "pool" in layer.name:
                rows.append((layer.name, shape, 0, outputs, 0))
            continue
        each = int(np.prod(layer.kernel.shape[:-1]))
        rows.append((layer.name, shape, layer.count_params(), outputs, each * outputs))
    frame = pd.DataFrame(rows, columns=["layer", "output", "parameters", "activations", "multiplications"])
    frame["output"] = [" × ".join(map(str, shape)) for shape in frame["output"]]
    return frame


def costs(table):
    """Draw which layers of a `layer_table` need the memory and the computation."""
    columns = {
        "weights, MB": table["parameters"] * BYTES / 1e6,
        "activations of an image, MB": table["activations"] * BYTES / 1e6,
        "multiplications, billions": table["multiplications"] / 1e9,
    }

    def draw(figure):
        for axes, (name, values), colour in zip(
            figure.subplots(1, 3, sharey=True), columns.items(), COLOURS, strict=True
        ):
            axes.barh(table["layer"], values, color=colour, height=0.75)
            axes.set_title(f"{name}\n{values.sum():.1f} in total", fontsize=9)
            axes.grid(axis="x", alpha=0.25, color=INK)
        axes.invert_yaxis()

    return drawn(8.4, 4.8, draw)
