"""Choose pictures that a recipe gets right and wrong: the lecture's first look at a model."""

import base64
import io

import numpy as np
from PIL import Image

COUNT = 8  # pictures of a kind, or one for each class where there are more classes
MOST = 40  # pictures of a kind, however many classes there are
SIDE = 112  # pixels of a thumbnail


def choose(part, classes, rng):
    """Return ``{kind: rows}`` of a labelled `predictions.Part`, the kinds as in the lecture.

    - right and wrong, at random: drawn by ``rng``
    - right, and most certain: the highest probabilities of each true class
    - wrong, and most certain: the highest probabilities of each predicted class
    - most uncertain: the two likeliest classes have the closest probabilities
    """
    predicted = part.probabilities.argmax(axis=1)
    sure, right = part.probabilities.max(axis=1), predicted == part.labels
    ordered = np.sort(part.probabilities, axis=1)
    count = min(max(COUNT, len(classes)), MOST)

    def drawn(rows):
        return np.sort(rng.permutation(rows)[:COUNT])

    def surest(rows):
        each = max(1, COUNT // len(classes))
        found = [
            of_class[np.argsort(-sure[of_class], kind="stable")][:each]
            for of_class in (rows[predicted[rows] == number] for number in range(len(classes)))
        ]
        chosen = np.concatenate(found).astype(int)
        if len(chosen) > MOST:
            chosen = chosen[np.argsort(-sure[chosen], kind="stable")]
        return chosen[:count]

    return {
        "right, at random": drawn(np.flatnonzero(right)),
        "wrong, at random": drawn(np.flatnonzero(~right)),
        "right, and most certain": surest(np.flatnonzero(right)),
        "wrong, and most certain": surest(np.flatnonzero(~right)),
        "most uncertain": np.argsort(ordered[:, -1] - ordered[:, -2], kind="stable")[:COUNT],
    }


def told(part, classes, rows):
    """Return a dict for each row: id, true class, likeliest class, its probability, and that of the true class."""
    found = []
    for row in rows:
        probabilities, label = part.probabilities[row], int(part.labels[row])
        best = int(probabilities.argmax())
        found.append(
            {
                "id": part.ids[row],
                "label": classes[label],
                "predicted": classes[best],
                "probability": round(float(probabilities[best]), 4),
                "label_probability": round(float(probabilities[label]), 4),
            }
        )
    return found


def thumbnail(pixels, side=SIDE):
    """Return a picture as a data: URL; ``pixels`` are uint8, height × width × 1 or 3.

    A picture larger than ``side`` is scaled down to it and stored as JPEG. Others keep their size and become PNG.
    """
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    kind = "JPEG" if max(image.size) > side else "PNG"
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, kind, **({"quality": 82} if kind == "JPEG" else {"optimize": True}))
    return data(file.getvalue(), f"image/{kind.lower()}")


def data(content, kind):
    """Return ``content``, bytes of the media type ``kind``, as a data: URL."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
