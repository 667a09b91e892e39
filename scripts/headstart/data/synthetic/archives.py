"""Write a stand-in for one of two Kaggle image competitions, in the layout of Kaggle's own files."""

import csv
import zipfile

from headstart.config.datasets import SYNTHETIC_FILES
from headstart.core.errors import InputError
from headstart.core.naming import one_of
from headstart.data.synthetic import drivers, pets

SCENES = {"pets": pets, "drivers": drivers}


def write_archive(path, scene, file, *, seed, train, test, groups=0, test_groups=0):
    """Write one of a competition's files to ``path``: the same bytes for the same arguments, with the same Pillow.

    - ``scene``: "pets" or "drivers"
    - ``file``: train.zip or test.zip of "pets", imgs.zip or driver_imgs_list.csv of "drivers"; a scene's files agree
    - ``seed``: an integer, 0 or more
    - ``train``, ``test``: total numbers of pictures; half the pets in train.zip are cats
    - ``groups``, ``test_groups``: numbers of drivers in train/ and of other drivers in test/ ("drivers" only)
    Raises `InputError` for an unknown scene or file, and for pictures of drivers without a driver.
    """
    for what, got, known in (
        ("scene", scene, SCENES),
        (f"file of {scene}", file, SYNTHETIC_FILES.get(scene, ())),
    ):
        if got not in known:
            raise InputError(f"synthetic: unknown {what} (got {got!r}). {one_of(known)}")
    if scene == "drivers":
        plan = drivers.plan(seed, train, test, groups, test_groups)
    else:
        plan = pets.plan(file, seed, train, test)
    if file == "driver_imgs_list.csv":
        rows = [(f"p{d + 2:03}", f"c{pose}", name.split("/")[-1]) for name, d, pose, *_ in plan if d < groups]
        with open(path, "w", newline="", encoding="utf-8") as out:
            csv.writer(out, lineterminator="\n").writerows([("subject", "classname", "img"), *sorted(rows)])
        return
    with zipfile.ZipFile(path, "w") as archive:
        for name, *which in plan:
            member = zipfile.ZipInfo(name)  # stored and dated 1980-01-01 by default
            member.create_system, member.external_attr = 3, 0o644 << 16
            archive.writestr(member, SCENES[scene].jpeg(seed, *which))
