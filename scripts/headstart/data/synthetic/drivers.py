"""Draw drivers at the wheel, in the layout of the State Farm competition."""

from functools import lru_cache
from types import SimpleNamespace

import numpy as np

from headstart.core.errors import InputError
from headstart.data.synthetic.pen import BURST, DARK, FRAME, LOOK, PLAN, WHITE, Pen, colour, dim, pick, texture

SIZE = 320, 240
HAIR = ((30, 24, 22), (70, 46, 30), (120, 80, 44), (196, 160, 96), (140, 136, 132), (110, 44, 26))
SKIN = ((244, 208, 182), (228, 182, 148), (206, 156, 118), (166, 116, 80), (120, 80, 54), (84, 56, 40))

RIGHT, LEFT = (222, 150), (240, 112)  # the hands on the wheel
# Per class: right hand, its elbow's distance from the line shoulder-hand, the same for the left, where the head
# faces (radians: 0 to the camera, 1.57 ahead), its nod and the body's lean (pixels), what each hand holds.
POSES = (
    (RIGHT, 16, LEFT, 10, 1.2, 0, 0, "", ""),  # c0 safe driving
    ((192, 140), 34, LEFT, 10, 0.9, 5, 0, "screen", ""),  # c1 texting, right
    ((116, 84), 52, LEFT, 10, 1.2, 0, 0, "phone", ""),  # c2 on the phone, right
    (RIGHT, 16, (198, 102), 24, 1.1, 4, 0, "", "screen"),  # c3 texting, left
    (RIGHT, 16, (148, 86), 44, 1.0, 0, 0, "", "phone"),  # c4 on the phone, left
    ((278, 186), 8, LEFT, 10, 0.7, 3, 12, "", ""),  # c5 operating the radio
    ((160, 100), 46, LEFT, 10, 1.2, -2, 0, "cup", ""),  # c6 drinking
    ((26, 128), 12, LEFT, 6, -0.7, 0, -14, "", ""),  # c7 reaching behind
    ((121, 45), 44, LEFT, 10, 1.1, -2, 0, "", ""),  # c8 hair and make-up
    (RIGHT, 20, LEFT, 10, 0.1, 0, 0, "", ""),  # c9 talking to the passenger
)


@lru_cache(maxsize=4)
def _look(seed, driver):
    """Return what all pictures of a driver share: the person, the clothes, the car and the camera."""
    rng = np.random.default_rng([seed, LOOK, driver])
    chance, shirt, light = rng.random(3), colour(rng), rng.uniform(0.65, 1.15) * rng.uniform(0.9, 1.1, 3)
    person = {"skin": pick(rng, SKIN), "hair": pick(rng, HAIR), "build": rng.uniform(0.88, 1.15)}
    extras = {"long": chance[0] < 0.4, "beard": chance[1] < 0.25, "glasses": chance[2] < 0.35, "cup": colour(rng)}
    cloth, jeans = texture(rng, SIZE, shirt, colour(rng), 4), colour(rng, 30, 110, 12)
    clothes = {"shirt": shirt, "cloth": cloth, "jeans": jeans, "sleeve": rng.integers(2, 4)}
    car = {"car": colour(rng, 45, 140, 7), "seat": colour(rng, 40, 150, 8), "wheel": rng.normal(0, 5, 2)}
    habits = {"hands": rng.normal(0, 7, (10, 2, 2)), "facing": rng.normal(0, 0.25, 10)}
    camera = {"shift": rng.normal(0, 10, 2), "zoom": rng.uniform(0.95, 1.15), "turn": rng.normal(0, 0.04)}
    scene = {"light": light, "slope": rng.uniform(-0.5, 0.5, 2)}
    return SimpleNamespace(**person, **extras, **clothes, **car, **habits, **camera, **scene)


def _cabin(pen, look, rng):
    """Draw the scene behind the driver: the view outside, roof, pillars, door, dashboard, radio and seat."""
    pen.shape([(-60, -60), (400, -60), (400, 130), (-60, 130)], dim((170, 200, 226), rng.uniform(0.75, 1.1)))
    for x in rng.uniform(0, 320, 6):  # trees and houses pass by: they differ from burst to burst
        high, wide = rng.uniform(15, 70, 2)
        pen.oval(x, 110 - high / 2, wide / 2, high * 0.7, dim((70, 110, 60), rng.uniform(0.6, 1.4)))
        pen.shape([(x, 110 - high), (x + wide, 110 - high), (x + wide, 120), (x, 120)], colour(rng, 90, 210, 15))
    dark = dim(look.car, 0.6)
    pen.shape([(-60, -60), (400, -60), (400, 4), (60, 12), (-60, 30)], dark)
    pen.shape([(36, 0), (58, 0), (74, 120), (40, 120)], dark)
    pen.shape([(262, 0), (278, 0), (340, 120), (318, 120)], dark)
    pen.shape([(-60, 104), (400, 104), (400, 300), (-60, 300)], look.car)
    pen.line([(-60, 112), (400, 112)], dim(look.car, 1.5), 4)
    pen.shape([(248, 128), (290, 112), (400, 108), (400, 300), (236, 300)], dim(look.car, 0.7))
    pen.shape([(262, 160), (330, 160), (330, 206), (262, 206)], dim(look.car, 0.45), dim(look.car, 1.2))
    pen.shape([(268, 166), (322, 166), (322, 184), (268, 184)], (70, 120, 140))
    pen.shape([(38, 110), (66, 92), (112, 100), (124, 260), (20, 260)], look.seat, dim(look.seat, 0.6))
    pen.limb([(84, 58), (80, 84)], (20, 22), look.seat, dim(look.seat, 0.6))


def _head(pen, look, x, y, facing, nod, talking):
    """Draw a head centred on (x, y) as a ball that is turned by ``facing``."""
    side, rim = np.sin(facing), dim(look.skin, 0.7)
    pen.oval(x - 5 * side, y - 4, 23, 27, look.hair)
    if look.long:
        pen.limb([(x - 10 * side, y), (x - 14 * side, y + 42)], (20, 13), look.hair)
    pen.oval(x + 6 * side, y + 4, 19 - 3 * abs(side), 23, look.skin, rim)
    if look.beard:
        pen.oval(x + 8 * side, y + 19, 13, 9, look.hair)
    if facing > 0.3:
        pen.oval(x + 18 * np.sin(facing - 1.57), y + 4, 4, 7, look.skin, rim)
    y += nod
    for eye in x + 21 * np.sin([facing - 0.45, min(facing + 0.45, 1.57)]):
        if look.glasses:
            pen.oval(eye, y - 1, 6, 5, dim(look.skin, 0.9), DARK)
        pen.oval(eye, y - 1, 4, 2.4, WHITE)
        pen.oval(eye + 1.5 * side, y - 1, 2, 2.2, DARK)
        pen.line([(eye - 4, y - 7), (eye + 4, y - 7)], look.hair, 1.5)
    pen.shape([(x + 19 * side - 1, y - 2), (x + 27 * side, y + 8), (x + 17 * side - 3, y + 9)], look.skin, rim)
    pen.oval(x + 18 * side, y + 16, 5 - 2 * abs(side), 4.5 if talking else 1.4, (130, 50, 50))
    pen.limb([(x - 12, y - 19 - nod), (x + 2 + 8 * side, y - 22 - nod)], (8, 7), look.hair)


def _arm(pen, look, shoulder, hand, bend, held):
    """Draw an arm and the object in its hand; the elbow lies ``bend`` below the middle of the line, or before it."""
    along = (hand - shoulder) / np.linalg.norm(hand - shoulder)
    across = along[::-1] * (-1, 1)
    elbow = (shoulder + hand) / 2 + across * bend * (1 if across[1] > -0.3 else -1)
    wrist, rim = hand + (elbow - hand) * 0.12, dim(look.skin, 0.7)
    if held:
        outline = np.array([(-4, -24), (10, -20), (8, 6), (-6, 2)]) * (1.3 if held == "cup" else 1)
        pen.shape(hand + outline, look.cup if held == "cup" else DARK, dim(look.cup, 0.6))
        if held == "screen":
            pen.shape(hand + outline * 0.7 - (0, 4), (190, 220, 240))
    pen.limb([shoulder, elbow, wrist], (13 * look.build, 11, 7), look.skin, rim)
    pen.oval(*hand, 9, 8, look.skin, rim)
    pen.line(hand + ((1, 1), (8, -1)), rim)
    sleeve, radii = [shoulder, elbow, hand + (elbow - hand) * 0.3], (15 * look.build, 14, 11)
    pen.limb(sleeve[: look.sleeve], radii[: look.sleeve], look.cloth, dim(look.shirt, 0.6))


def jpeg(seed, driver, pose, burst, frame):
    """Return a picture of a driver as JPEG bytes; the frames of a burst differ by a small shake and noise."""
    look, rng = _look(seed, driver), np.random.default_rng([seed, BURST, driver, pose, burst])
    shake = np.random.default_rng([seed, FRAME, driver, pose, burst, frame])
    right, bend, left, left_bend, facing, nod, lean, held, left_held = POSES[pose]
    right, left = look.hands[pose] + (right, left) + rng.normal(0, 4, (2, 2)) + shake.normal(0, 0.8, (2, 2))
    facing += look.facing[pose] + rng.normal(0, 0.1) + shake.normal(0, 0.02)
    lean += rng.normal(0, 3) + shake.normal(0, 0.5)
    pen, zoom = Pen(SIZE, DARK), look.zoom * (1 + shake.normal(0, 0.003))
    shift = np.array(SIZE) / 2 * (1 - zoom) + look.shift + rng.normal(0, 2, 2) + shake.normal(0, 0.7, 2)
    pen.place(shift, zoom, look.turn + shake.normal(0, 0.003))
    _cabin(pen, look, rng)
    _arm(pen, look, np.array([150 + lean, 130]), left, left_bend, left_held)
    pen.limb([(110, 236), (215, 226), (250, 260)], (24, 19, 16), look.jeans, dim(look.jeans, 0.6))
    pen.limb([(124 + lean, 84), (126 + lean, 114)], (11, 13), look.skin, dim(look.skin, 0.7))
    b = 18 * look.build
    chest = [(98 - b, 180), (106 - b + lean, 136), (112 + lean, 114), (140 + lean, 112), (140 + b + lean, 132)]
    pen.shape([*chest, (148 + b, 190), (140 + b, 290), (102 - b, 290)], look.cloth, dim(look.shirt, 0.6))
    ring, wheel = np.linspace(0, 2 * np.pi, 30), look.wheel + (240, 142)
    pen.line(wheel + np.stack([16 * np.cos(ring) + 9 * np.sin(ring), 46 * np.sin(ring)], 1), DARK, 6)
    pen.line(wheel + ((-4, 4), (8, 8), (14, 36)), (34, 34, 36), 8)
    _head(pen, look, 128 + 1.3 * lean, 70 + rng.normal(0, 2), facing, nod, pose == 9)
    _arm(pen, look, np.array([112 + lean, 138]), right, bend, held)
    return pen.jpeg(shake, look.light * rng.uniform(0.93, 1.07), look.slope)


def plan(seed, train, test, groups, test_groups):
    """Return (name, driver, pose, burst, frame) of all pictures of the scene "drivers", by name."""
    rng = np.random.default_rng([seed, PLAN])
    numbers = iter(rng.permutation(max(100_000, train + test)).tolist())  # so that a number tells nothing
    rows = []
    for part, count, drivers in (("train", train, range(groups)), ("test", test, range(groups, groups + test_groups))):
        cells = rng.permutation([(driver, pose) for driver in drivers for pose in range(10)]).tolist()
        if count and not cells:
            raise InputError(
                f"drivers: {count} {part} images need a {part} driver (got none). Raise groups or test_groups."
            )
        bursts = 2 if count >= 8 * len(cells) else 1
        for n in range(count):
            driver, pose = cells[n % len(cells)]
            frame, burst = divmod(n // len(cells), bursts)
            folder = f"train/c{pose}" if part == "train" else "test"
            rows.append((f"{folder}/img_{next(numbers)}.jpg", driver, pose, burst, frame))
    return sorted(rows)
