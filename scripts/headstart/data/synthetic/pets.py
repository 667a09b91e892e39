"""Draw cats and dogs, in the layout of the Dogs vs Cats competition."""

import numpy as np

from headstart.data.synthetic.pen import DARK, PET, PET_LABEL, WHITE, Pen, colour, dim, pick, texture

FUR = ((38, 36, 36), (120, 118, 116), (200, 130, 62), (226, 206, 172), (112, 76, 48), (238, 236, 230), (176, 138, 96))
CAT_EYES = ((150, 190, 70), (220, 180, 60), (110, 170, 200))
PINK = (222, 150, 146)

# Bodies of pets as limbs (joints, radii), seen from the front and from the side; tails start at a body's own place.
LEGS = tuple((((x, 40), (x + 2, 72), (x + 4, 108), (x + 10, 109)), (11, 7, 5, 5)) for x in (-38, 34, -52, 46))
HAUNCHES = tuple((((x, 82), (x, 96)), (18, 19)) for x in (-24, 24))
PAWS = tuple((((x, 62), (x, 106), (1.3 * x, 109)), (9, 7, 8)) for x in (-11, 11))
SITTING = (*HAUNCHES, (((0, 36), (0, 84)), (23, 31)), *PAWS)
STANDING = (*LEGS, (((-40, 34), (0, 36), (38, 34), (56, 4)), (21, 20, 23, 16)))
CAT_TAIL, DOG_TAIL = ((-30, 0), (-44, -28), (-34, -52), (-46, -66)), ((-24, -10), (-30, -34))


def _face(pen, rng, dog, fur, coat, rim):
    """Draw a head that looks at the camera, about 60 wide, centred on the origin."""
    wide, drop, long = rng.uniform((26, 8, 12), (33, 34, 18))
    hanging = dog and rng.random() < 0.75
    for side in () if hanging else (-1, 1):
        x, y, foot = side * rng.uniform(24, 30), -rng.uniform(44, 54), side * (14 if dog else 8)
        pen.shape([(side * 29, -6), (x, y), (foot, -20)], coat, rim)
        pen.shape([(side * 26, -16), (x, y + 8), (foot + 4 * side, -22)], dim(fur, 0.7) if dog else PINK)
    pen.oval(0, 0, wide, 30 if dog else 26, coat, rim)
    iris, gap, eye, pupil = ((60, 38, 22), 11, 4.2, 2.4) if dog else (pick(rng, CAT_EYES), 12.5, 6.2, 1.8)
    for side in (-1, 1):
        if hanging:
            joints = [(side * (wide - 6), -20), (side * (wide + 3), -4), (side * (wide + 1), drop)]
            pen.limb(joints, (8, 11, 8), dim(fur, 0.6), rim)
        pen.oval(side * gap, -6, eye, eye, iris, DARK)
        pen.oval(side * gap, -6, pupil, eye * 0.8, DARK)
        pen.oval(side * gap + 1.2, -7.5, 1, 1, WHITE)
    if dog:
        pen.oval(0, 8 + long / 3, 14, long, dim(fur, 1.25), rim)
        if rng.random() < 0.5:
            pen.limb([(0, 14 + long), (1, 22 + long)], (5, 5), (214, 96, 104), (150, 50, 60))
        pen.oval(0, 4, 7.5, 5.5, DARK)
    else:
        for side in (-1, 1):
            pen.oval(side * 6, 10, 8, 6, dim(fur, 1.25))
            for y in (4, 10, 16):
                pen.line([(side * 9, 7 + y / 3), (side * 38, y + rng.normal(0, 2))], WHITE, 0.5)
        pen.shape([(-4, 3), (4, 3), (0, 8)], PINK, (120, 70, 70))
    pen.line(np.array([(-7, 14), (0, 10), (7, 14)]) + (0, long / 2 if dog else 0), (50, 30, 28))


def jpeg(seed, part, number, dog):
    """Return a picture of a cat or a dog as JPEG bytes; ``part`` is 0 for train and 1 for test."""
    rng = np.random.default_rng([seed, PET, part, number, dog])
    wide, high = size = rng.integers((220, 200), (321, 301)).tolist()
    fur = dim(pick(rng, FUR), rng.uniform(0.85, 1.1))
    coat = texture(rng, size, fur, dim(fur, rng.uniform(0.5, 0.8)) if rng.random() < 0.6 else pick(rng, FUR), 3)
    pen, floor = Pen(size, colour(rng, vivid=18)), high * rng.uniform(0.45, 0.75)
    ground = texture(rng, size, colour(rng, vivid=18), colour(rng, vivid=18), 4)
    pen.shape([(0, floor), (wide, floor), size, (0, high)], ground)
    for x, y, r in rng.uniform((0, 0, 8), (wide, high, 36), (5, 3)):  # balls and boxes lie about
        pen.oval(x, y, r, r * rng.uniform(0.5, 1), colour(rng, 40), DARK)
        pen.shape([(y, x), (y + r, x), (y + r, x + r), (y, x + r)], colour(rng, 40), DARK)
    rim, mirror, turn = dim(fur, 0.6), pick(rng, (-1, 1)), rng.normal(0, 0.08)
    scale = min(size) / 180 * rng.uniform(0.7, 1.3)
    shift = size * rng.uniform((0.38, 0.42), (0.62, 0.58)) - (0, 35 * scale)
    pen.place(shift, scale, turn, mirror)
    pen.oval(0, 112, 60, 8, (50, 46, 44))
    body, rear, head = pick(rng, ((SITTING, (-20, 100), (0, 0)), (STANDING, (-50, 26), (60, -6))))
    tail = np.array([(0, 0), *(DOG_TAIL if dog else CAT_TAIL)]) + rear
    for joints, radii in ((tail, (7, 6, 5, 5, 4)[: len(tail)]), *body):
        pen.limb(joints, radii, coat, rim)
    pen.place(pen.at(head), scale * rng.uniform(0.85, 1.1), turn + rng.normal(0, 0.15), mirror)
    _face(pen, rng, dog, fur, coat, rim)
    return pen.jpeg(rng, rng.uniform(0.6, 1.15) * rng.uniform(0.9, 1.1, 3), rng.uniform(-0.6, 0.6, 2))


def plan(file, seed, train, test):
    """Return (name, part, number, dog) of all pictures in a file of the scene "pets", in order."""
    if file == "train.zip":
        pets = [(dog, n) for dog in (0, 1) for n in range((train + 1 - dog) // 2)]
        return [(f"train/{('cat', 'dog')[dog]}.{n}.jpg", 0, n, dog) for dog, n in pets]
    dogs = np.random.default_rng([seed, PET_LABEL]).integers(2, size=test).tolist()
    return [(f"test/{n}.jpg", 1, n, dog) for n, dog in enumerate(dogs, 1)]
