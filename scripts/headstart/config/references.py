"""Check references in the config: every recipe, file and part it names must exist. Recipes: `recipe_rules`."""

import re
from pathlib import Path

from headstart.config import backbones, datasets, image_folders, recipes, sweeps
from headstart.config.recipe_rules import recipe_problems
from headstart.core import naming
from headstart.core.addresses import is_url

RESERVED = ("vgg16", "by-hand", "logs", "benchmarks")  # folders of our own beside those of datasets


def problems(config):
    """Yield one line for each problem in a config that satisfies the schema."""
    mirror = config["mirror"]
    if mirror and not is_url(mirror) and not Path(mirror).is_dir():
        yield f"mirror: neither an existing folder nor an http:// or https:// address (got {mirror!r}). Correct it."
    yield from _classify_problems(config)
    yield from _download_problems(config["downloads"])
    for name in config["only"] or []:
        if name not in config["datasets"]:
            yield f"only: no such dataset (got {name!r}). {naming.one_of(config['datasets'])}"
    names = [name for entry in config["recipes"] for name in recipes.each({entry: config["recipes"][entry]})]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"recipes: lecture_schedule makes a second recipe of this name (got {name!r}). Rename one of the two."
    for name in config["recipes"]:
        yield from recipe_problems(name, config)
    for name, sweep in config["sweeps"].items():
        yield from _sweep_problems(f"sweeps.{name}", sweep, config)
    for name, entry in config["datasets"].items():
        yield from _dataset_problems(f"datasets.{name}", name, entry, config)
    yield from backbones.problems(config["backbone"], config["downloads"].get("vgg16", {}))


def _classify_problems(config):
    folder, name = config["classify_images"], config["classify_recipe"]
    if folder and not Path(folder).is_dir():
        yield f"classify_images: no such folder (got {folder!r}). Name an existing folder."
    if not folder and name:
        yield f"classify_recipe: classify_images is missing (got only {name!r}). Add --config classify_images=FOLDER."
    if folder:
        known = recipes.each(config["recipes"])
        can = recipes.usable(config["datasets"], known, config["only"])
        having = [dataset for dataset, recipe in can if recipe == name]
        if not having:
            able = sorted({recipe for _, recipe in can})
            yield f"classify_recipe: not a recipe that a dataset trains (got {name!r}). {naming.one_of(able)}"
        elif len(having) > 1:
            yield (
                f"classify_recipe: several datasets have this recipe (got {name!r} in {' and '.join(having)}). "
                f"Choose one, such as only={having[0]}."
            )


def _download_problems(downloads):
    for origin, files in downloads.items():
        for file, entry in files.items():
            for source in entry["sources"]:
                place, kinds = f"downloads.{origin}.{file}.sources", {"url", "pip", "npm", "kaggle"} & set(source)
                if len(kinds) != 1:
                    yield f"{place}: needs one of url, pip, npm, kaggle (got {source}). Name exactly one."
                if kinds & {"pip", "npm"} and "member" not in source:
                    yield f"{place}: a pip or npm source needs member (got {source}). Add the path in the package."


def _dataset_problems(place, name, entry, config):
    if name in RESERVED:
        yield f"{place}: the name is reserved, as are {', '.join(RESERVED)} (got {name!r}). Rename the dataset."
    if len({naming.key(label) for label in entry["classes"]} - {""}) < len(entry["classes"]):
        yield (
            f"{place}.classes: a name is empty, or two differ only in case or spacing (got {entry['classes']}). "
            f"Rename it."
        )
    if bool(entry["files"]) == bool(entry["folder"]):
        yield f"{place}: needs either files or folder (got {'both' if entry['folder'] else 'neither'}). Set one."
    if entry["folder"] and entry["synthetic"]:
        yield f"{place}.synthetic: cannot be combined with folder (got {entry['synthetic']}). Set it to null."
    if entry["folder"] and not Path(entry["folder"]).is_dir():
        yield f"{place}.folder: no such folder (got {entry['folder']!r}). Correct the path."
    if bool(entry["idx"]) == bool(entry["path_patterns"]):
        yield f"{place}: needs either idx or path_patterns (got {'both' if entry['idx'] else 'neither'}). Set one."
    if entry["path_patterns"] and "train" not in entry["path_patterns"]:
        yield f"{place}.path_patterns: the key train is missing. Add it."
    yield from _pattern_problems(place, entry)
    known = known_all = recipes.each(config["recipes"])
    for recipe in entry["recipes"]:
        yield from _listed_problems(f"{place}.recipes", recipe, entry, known)
    synthetic = entry["synthetic"]
    known = datasets.SYNTHETIC_FILES[synthetic["scene"]] if synthetic else config["downloads"].get(name, {})
    where = f"that synthetic.scene {synthetic['scene']} draws" if synthetic else f"under downloads.{name}"
    for file in entry["files"]:
        if file not in known:
            yield f"{place}.files: not a file {where} (got {file!r}). {naming.one_of(known)}"
    for part, pair in (entry["idx"] or {}).items():
        for file in pair:
            if not {file, f"{file}.gz"} & set(entry["files"]):
                names = ", ".join(entry["files"])
                yield f"{place}.idx.{part}: not in files (got {file!r}). Expected one of {names}, without .gz."
    for recipe in entry["lecture"]:
        if recipe not in config["recipes"]:
            yield f"{place}.lecture: no such recipe (got {recipe!r}). {naming.one_of(config['recipes'])}"
    table = entry["table"]
    if table and entry["folder"] and not Path(entry["folder"], table["file"]).is_file():
        yield f"{place}.table.file: not in the folder {entry['folder']} (got {table['file']!r}). Correct the path."
    if table and not entry["folder"] and table["file"] not in entry["files"]:
        yield f"{place}.table.file: not in files (got {table['file']!r}). {naming.one_of(entry['files'])}"
    running = [one for one in entry["recipes"] if one in known_all and not known_all[one]["skip"]]
    if entry["inspect"] is not None and (
        entry["inspect"] not in entry["recipes"] or known_all[entry["inspect"]]["skip"]
    ):
        yield f"{place}.inspect: not a recipe that runs on it (got {entry['inspect']!r}). {naming.one_of(running)}"
    yield from _leakage_problems(f"{place}.leakage_check", entry, config["recipes"])
    form = entry["submission"]
    if form and form["id"] in ("label", *entry["classes"]):
        yield f"{place}.submission.id: another column has this name (got {form['id']!r}). Choose another name."
    if form and form["positive"] not in (None, *entry["classes"]):
        yield f"{place}.submission.positive: not a class (got {form['positive']!r}). Choose from {entry['classes']}."
    if form and form["clip"] != "validation" and form["clip"][0] >= form["clip"][1]:
        yield f"{place}.submission.clip: limits must increase (got {form['clip']}). Write [lowest, highest]."


def _pattern_problems(place, entry):
    """Yield problems of the path patterns that select images, and of the words that can replace them."""
    for part, patterns in (entry["path_patterns"] or {}).items():
        for pattern in [] if isinstance(patterns, str) else patterns:
            try:
                groups = image_folders.expression(pattern).groupindex
            except re.error as error:
                yield f"{place}.path_patterns.{part}: invalid pattern (got {pattern!r}: {error}). Correct it."
            else:
                if "id" not in groups:
                    yield f"{place}.path_patterns.{part}: the group id is missing (got {pattern!r}). Add (?P<id>…)."
    if (entry["path_patterns"] or {}).get("train") == image_folders.ALL and not (
        entry["table"] and entry["table"]["label"]
    ):
        yield (
            f"{place}.path_patterns.train: gives no labels (got 'pictures'). Set class-folders, patterns with a "
            f"group label, or table.label."
        )
    taking = entry["validation_folders"]
    if isinstance((entry["path_patterns"] or {}).get(taking, ""), list):
        yield (
            f"{place}.validation_folders: path_patterns.{taking} has patterns, which decide alone (got {taking!r}). "
            f"Set it to leave_out."
        )


def _listed_problems(place, recipe, entry, known):
    """Yield problems of running ``recipe`` on the dataset ``entry``."""
    if recipe not in known:
        yield f"{place}: no such recipe (got {recipe!r}). {naming.one_of(known)}"
    elif not known[recipe]["hold_out"] and not datasets.labelled(entry):
        yield (
            f"{place}: with hold_out false, a recipe can be measured only on labelled test images (got {recipe!r}). "
            f"Set hold_out to true, or name another recipe."
        )
    elif not known[recipe]["hold_out"] and entry["submission"] and entry["submission"]["clip"] == "validation":
        yield (
            f"{place}: submission.clip 'validation' needs recipes that hold out validation images (got {recipe!r}). "
            f"Set clip to [lowest, highest], or name another recipe."
        )
    elif _pseudo(recipe, known) and (datasets.labelled(entry) or "test" not in datasets.parts(entry)):
        yield f"{place}: no unlabelled test images for pseudo_labels (got {recipe!r}). Name another recipe."
    else:
        yield from _mean_problems(place, recipe, known, entry["split"]["folds"])
        yield from _twin_problems(place, recipe, known[recipe], entry["split"]["folds"])


def _pseudo(recipe, known):
    """Return whether a recipe, or any recipe that it starts or takes predictions from, trains on pseudo-labels."""
    way = [recipe]
    for name in way:
        entry = known.get(name, {"pseudo_labels": None, "init_from": None, "predictions_from": None})
        if entry["pseudo_labels"]:
            return True
        way += [start for start in recipes.starts(entry) if start not in way]
    return False


def _twin_problems(place, name, recipe, folds):
    """Yield a problem if solved members outnumber the folds: solved members on the same fold are identical."""
    solved = recipe["schedule"] and recipe["schedule"]["solver"] == "lbfgs" and not recipe["pseudo_labels"]
    if solved and recipe["cross_validate"] and recipe["members"] > folds:
        yield (
            f"{place}: solver lbfgs would train identical members (got {name!r}, {recipe['members']} members on "
            f"{folds} folds). Set members to at most {folds}."
        )


def _mean_problems(place, recipe, known, folds):
    """Yield a problem if ``recipe`` averages recipes that do not predict the same validation images."""
    first, *others = (
        (name, known[name]["split"], recipes.validated(known[name], folds)) for name in recipes.trained(known, recipe)
    )
    for other in others:
        if other[1:] != first[1:]:
            told = " and ".join(f"{name} (split {split}, folds {found})" for name, split, found in (first, other))
            yield (
                f"{place}: averages recipes with different validation images (got {recipe!r}, the mean of {told}). "
                f"Use recipes with the same split and folds."
            )


def _leakage_problems(place, entry, known):
    for split, name in (entry["leakage_check"] or {}).items():
        if name not in known:
            yield f"{place}.{split}: no such recipe (got {name!r}). {naming.one_of(known)}"
        elif known[name]["split"] != split:
            yield f"{place}.{split}: its split is not {split} (got {name!r}). Name a recipe with split {split}."
    names = list((entry["leakage_check"] or {}).values())
    if names and set(names) <= known.keys():
        one, other = ({**known[name], "split": None, "init_from": known[name]["init_from"] is None} for name in names)
        for key in one:
            if one[key] != other[key]:
                yield f"{place}: the recipes differ in {key} (got {' and '.join(names)}). Let only split differ."
    if entry["leakage_check"] and not (entry["table"] and entry["table"]["group"]):
        yield f"{place}: the dataset has no groups (got {entry['leakage_check']}). Set table.group, or this to null."
    for name in filter(known.get, names):
        yield from _fold_problems(place, name, known[name], entry["split"]["folds"])


def _fold_problems(place, name, recipe, folds):
    """Yield a problem unless the members of a recipe hold out every image equally often."""
    if not recipe["cross_validate"] or recipe["members"] % folds:
        yield (
            f"{place}: {name} must hold out every fold equally often (got cross_validate {recipe['cross_validate']}, "
            f"{recipe['members']} members). Set cross_validate: true, and members to {folds} or a multiple."
        )


def _sweep_problems(place, sweep, config):
    if sweep["dataset"] not in config["datasets"]:
        yield f"{place}.dataset: no such dataset (got {sweep['dataset']!r}). {naming.one_of(config['datasets'])}"
    if not config["recipes"][sweep["recipe"]]["hold_out"]:
        yield f"{place}.recipe: holds out no validation images (got {sweep['recipe']!r}). Set hold_out to true."
    if config["recipes"][sweep["recipe"]]["skip"]:
        yield f"{place}.recipe: the recipe has skip (got {sweep['recipe']!r}). Name a recipe that runs."
    known = recipes.each(config["recipes"])
    for point in sweeps.points(sweep["grid"]) if sweep["dataset"] in config["datasets"] else []:
        variant = sweeps.name(sweep["recipe"], point)
        yield from _listed_problems(f"{place}.recipe", variant, config["datasets"][sweep["dataset"]], known)
