"""Check references in the config: every recipe, file and part it names must exist. Recipes: `recipe_rules`."""

import re
from pathlib import Path

from headstart.config import datasets, picture_parts, recipes, sweeps
from headstart.config.recipe_rules import recipe_problems
from headstart.core import naming
from headstart.core.addresses import is_url

RESERVED = ("vgg16", "by-hand", "logs", "benchmarks")  # folders of our own beside those of datasets


def problems(config):
    """Yield one line for each problem in a config that satisfies the schema."""
    mirror = config["mirror"]
    if mirror and not is_url(mirror) and not Path(mirror).is_dir():
        yield f"mirror: got {mirror!r}, expected a folder that is there, or an address that begins with http:// or https://"
    yield from _classify_problems(config)
    yield from _download_problems(config["downloads"])
    for name in config["only"] or []:
        if name not in config["datasets"]:
            yield f"only: got {name!r}, expected names of datasets: {', '.join(config['datasets'])}"
    names = [name for entry in config["recipes"] for name in recipes.each({entry: config["recipes"][entry]})]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"recipes: got two that are called {name!r}, one by a schedule; expected another name for one of them"
    for name in config["recipes"]:
        yield from recipe_problems(name, config)
    for name, sweep in config["sweeps"].items():
        yield from _sweep_problems(f"sweeps.{name}", sweep, config)
    for name, entry in config["datasets"].items():
        yield from _dataset_problems(f"datasets.{name}", name, entry, config)
    for key in ("weights", "weights_dense"):
        if config["backbone"][key] not in config["downloads"].get("vgg16", {}):
            yield f"backbone.{key}: got {config['backbone'][key]!r}, expected a file under downloads.vgg16"


def _classify_problems(config):
    folder, name = config["classify_images"], config["classify_recipe"]
    if folder and not Path(folder).is_dir():
        yield f"classify_images: got {folder!r}, expected a folder that is there"
    if not folder and name:
        said = f"to classify: --config classify_images=FOLDER classify_recipe={name}"
        yield f"classify_recipe: got {name!r} without classify_images, expected both, {said}"
    if folder:
        known = recipes.each(config["recipes"])
        can = recipes.usable(config["datasets"], known, config["only"])
        having = [dataset for dataset, recipe in can if recipe == name]
        if not having:
            names = ", ".join(sorted({recipe for _, recipe in can}))
            yield f"classify_recipe: got {name!r}, expected one that is trained and runs, to classify with: {names}"
        elif len(having) > 1:
            said = f"{' and '.join(having)} have it; say which: only={having[0]}"
            yield f"classify_recipe: got {name!r}, expected one of a single dataset, but {said}"


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
    if len({naming.key(label) for label in entry["classes"]} - {""}) < len(entry["classes"]):
        yield f"{place}.classes: got {entry['classes']}, expected names that differ, not only in case, and none empty"
    if bool(entry["files"]) == bool(entry["folder"]):
        yield f"{place}: expected either files or a folder, got {'both' if entry['folder'] else 'neither'}"
    if entry["folder"] and entry["synthetic"]:
        yield f"{place}.synthetic: got {entry['synthetic']}, expected none beside a folder; set it to null"
    if entry["folder"] and not Path(entry["folder"]).is_dir():
        yield f"{place}.folder: got {entry['folder']!r}, expected a folder that is there"
    if bool(entry["idx"]) == bool(entry["path_patterns"]):
        yield f"{place}: expected either idx or path_patterns, got {'both' if entry['idx'] else 'neither'}"
    if entry["path_patterns"] and "train" not in entry["path_patterns"]:
        yield f"{place}.path_patterns: the key train is missing"
    yield from _pattern_problems(place, entry)
    known = known_all = recipes.each(config["recipes"])
    for recipe in entry["recipes"]:
        yield from _listed_problems(f"{place}.recipes", recipe, entry, known)
    synthetic = entry["synthetic"]
    known = datasets.SYNTHETIC_FILES[synthetic["scene"]] if synthetic else config["downloads"].get(name, {})
    where = f"that synthetic.scene {synthetic['scene']} draws" if synthetic else f"under downloads.{name}"
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
    names = ", ".join(entry["recipes"])
    if entry["inspect"] is not None and (
        entry["inspect"] not in entry["recipes"] or known_all[entry["inspect"]]["skip"]
    ):
        yield f"{place}.inspect: got {entry['inspect']!r}, expected one of its recipes that runs: {names}"
    yield from _leakage_problems(f"{place}.leakage_check", entry, config["recipes"])
    form = entry["submission"]
    if form and form["id"] in ("label", *entry["classes"]):
        yield f"{place}.submission.id: got {form['id']!r}, expected a name that no other column has"
    if form and form["positive"] not in (None, *entry["classes"]):
        yield f"{place}.submission.positive: got {form['positive']!r}, expected one of {entry['classes']}"
    if form and form["clip"] != "validation" and form["clip"][0] >= form["clip"][1]:
        yield f"{place}.submission.clip: got {form['clip']}, expected the lower limit first"


def _pattern_problems(place, entry):
    """Yield problems of the path patterns that select images, and of the words that can replace them."""
    for part, patterns in (entry["path_patterns"] or {}).items():
        for pattern in [] if isinstance(patterns, str) else patterns:
            try:
                groups = picture_parts.expression(pattern).groupindex
            except re.error as error:
                yield f"{place}.path_patterns.{part}: got {pattern!r}, expected a regular expression ({error})"
            else:
                if "id" not in groups:
                    yield f"{place}.path_patterns.{part}: got {pattern!r}, expected a group (?P<id>…) in it"
    if (entry["path_patterns"] or {}).get("train") == picture_parts.ALL and not (
        entry["table"] and entry["table"]["label"]
    ):
        yield (
            f"{place}.path_patterns.train: got 'pictures', expected class-folders or patterns with a label, or "
            f"table.label"
        )
    taking = entry["validation_folders"]
    if isinstance((entry["path_patterns"] or {}).get(taking, ""), list):
        said = f"expected leave_out, since path_patterns.{taking} has patterns"
        yield f"{place}.validation_folders: got {taking!r}, {said}"


def _listed_problems(place, recipe, entry, known):
    """Yield problems of running ``recipe`` on the dataset ``entry``."""
    if recipe not in known:
        yield f"{place}: got {recipe!r}, expected names of recipes: {', '.join(known)}"
    elif not known[recipe]["hold_out"] and not datasets.labelled(entry):
        yield (
            f"{place}: got {recipe!r}, expected recipes that hold validation images out, "
            f"since there are no labelled test images to measure it on"
        )
    elif not known[recipe]["hold_out"] and entry["submission"] and entry["submission"]["clip"] == "validation":
        yield (
            f"{place}: got {recipe!r}, expected recipes that hold validation images out, since submission.clip is "
            f"'validation'; or give the clip as [lowest, highest]"
        )
    elif _pseudo(recipe, known) and (datasets.labelled(entry) or "test" not in datasets.parts(entry)):
        yield f"{place}: got {recipe!r}, expected recipes without pseudo_labels: it has no unlabelled test images"
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
            f"{place}: got {name!r}, {recipe['members']} solved members on {folds} folds, expected at most {folds}: "
            f"members on the same fold would be the same"
        )


def _mean_problems(place, recipe, known, folds):
    """Yield a problem if ``recipe`` averages recipes that do not predict the same validation images."""
    first, *others = (
        (name, known[name]["split"], recipes.validated(known[name], folds)) for name in recipes.trained(known, recipe)
    )
    for other in others:
        if other[1:] != first[1:]:
            told = " and ".join(f"{name} (split {split}, folds {found})" for name, split, found in (first, other))
            yield f"{place}: got {recipe!r}, the mean of {told}, expected both to validate on the same images"


def _leakage_problems(place, entry, known):
    for split, name in (entry["leakage_check"] or {}).items():
        if name not in known:
            yield f"{place}.{split}: got {name!r}, expected names of recipes: {', '.join(known)}"
        elif known[name]["split"] != split:
            yield f"{place}.{split}: got {name!r}, expected a recipe with split {split}"
    names = list((entry["leakage_check"] or {}).values())
    if names and set(names) <= known.keys():
        one, other = ({**known[name], "split": None, "init_from": known[name]["init_from"] is None} for name in names)
        for key in one:
            if one[key] != other[key]:
                yield f"{place}: got {' and '.join(names)}, which differ in {key}, expected a difference in split alone"
    if entry["leakage_check"] and not (entry["table"] and entry["table"]["group"]):
        yield f"{place}: got {entry['leakage_check']}, expected none: the dataset has no groups (table.group)"
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
        yield f"{place}.dataset: got {sweep['dataset']!r}, expected one of {', '.join(config['datasets'])}"
    if not config["recipes"][sweep["recipe"]]["hold_out"]:
        yield f"{place}.recipe: got {sweep['recipe']!r}, expected a recipe that holds validation images out"
    if config["recipes"][sweep["recipe"]]["skip"]:
        yield f"{place}.recipe: got {sweep['recipe']!r}, expected a recipe that runs"
    known = recipes.each(config["recipes"])
    for point in sweeps.points(sweep["grid"]) if sweep["dataset"] in config["datasets"] else []:
        variant = sweeps.name(sweep["recipe"], point)
        yield from _listed_problems(f"{place}.recipe", variant, config["datasets"][sweep["dataset"]], known)
