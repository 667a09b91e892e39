"""What does not fit together in a recipe: its keys, its schedules, and the recipes that it takes something from."""

from headstart import cuts, recipes

# The keys that mean something to some kinds of recipe only, and the values that say nothing.
_UNSET = {
    "cut": cuts.END,
    "depth": "head",
    "start": None,
    "surgery": {"dropout": None, "rescale": False, "batch_norm": False},
    "pixels": [28, 28, 1],
    "network": {
        "blocks": [],
        "pooling": "max",
        "dense": [],
        "batch_norm": False,
        "scale": None,
        "l1": 0,
        "l2": 0,
        "dropout": 0,
    },
    "refine": {"neighbours": [1], "metric": "cosine", "temperature": [1]},
    "augmentation": None,
    "copies": 0,
    "pseudo": None,
    "schedules": None,
    "hold_out": True,
    "members": 1,
    "vary": "seed",
    "split": "grouped",
    "mean": "arithmetic",
    "precision": "float32",
}
# And those that do nothing for a kind.
_IDLE = {
    "digits": ("cut", "depth", "start", "surgery", "copies", "pseudo", "refine"),
    "head": ("pixels", "depth", "hold_out", "refine"),
    "fine-tune": ("pixels", "cut", "hold_out", "surgery", "copies", "pseudo", "refine"),
    "refine": tuple(key for key in _UNSET if key not in ("cut", "start", "refine")),
}
_STEPS = {  # of a schedule, what solver lbfgs has no use for, and the values that say nothing
    "batch": None,
    "learning_rate": None,
    "warmup": 0,
    "decay": "constant",
    "steps": None,
    "weight_decay": 0,
    "unaugmented": 0,
    "recalibrate": False,
}


def recipe_problems(name, config):
    """Yield, a line each, what cannot work in the recipe ``name`` of a config that keeps to the schema."""
    place, known = f"recipes.{name}", config["recipes"]
    entry = known[name]
    yield from _circles(place, name, known)
    augmented = entry["kind"] == "digits" and entry["augmentation"]
    normalised, founded = _batch_norm(entry, known), set(recipes.starts(entry)) <= known.keys()
    for schedule, values in (entry["schedules"] or {}).items():
        yield from _schedule_problems(f"{place}.schedules.{schedule}", values, entry)
        if values["recalibrate"] and not normalised and founded:
            yield f"{place}.schedules.{schedule}.recalibrate: got true, expected it for a network with batch_norm alone"
        if values["batch"] == 1 and normalised:
            yield f"{place}.schedules.{schedule}.batch: got 1, expected 2 or more: batch_norm needs their variance"
        if values["unaugmented"] and not augmented:
            yield (
                f"{place}.schedules.{schedule}.unaugmented: got {values['unaugmented']}, expected it for digits with "
                f"augmentation alone"
            )
    unset = {**_UNSET, "cut": cuts.below(entry["depth"])}
    for key in _IDLE[entry["kind"]]:
        if entry[key] != unset[key]:
            yield f"{place}.{key}: got {entry[key]!r}, expected none: {key} means nothing to kind {entry['kind']}"
    for key in ("cut", "depth"):
        if entry[key] in (*cuts.DENSE, "dense") and config["trunk"]["size"] != 224 and not entry["skip"]:
            size = config["trunk"]["size"]
            yield f"{place}.{key}: got {entry[key]!r} with trunk.size {size}, expected size 224 for it"
    if entry["kind"] == "refine":
        yield from _refine_problems(place, entry, known)
    else:
        yield from _training_problems(place, entry, config)
        yield from _start_problems(place, entry, known)
        yield from _pseudo_problems(place, entry, known)


def _circles(place, name, known):
    """A recipe that, by what recipes take from others, comes to be made from itself."""

    def ways(way):
        entry = known[way[-1]]
        sources = [("start", start) for start in recipes.starts(entry)]
        for key, other in [*sources, ("pseudo.labels", (entry["pseudo"] or {}).get("labels"))]:
            if other == name:
                yield key, [*way, other]
            elif other in known and other not in way:
                yield from ((key, found) for _, found in ways([*way, other]))

    for key, way in ways([name]):
        yield f"{place}.{key}: got {way[1]!r}, expected no circle: {' → '.join(way)}"


def _line(entry, known):
    """Return a trained recipe and those that its network comes from, one start after another."""
    line = [entry]
    while isinstance(line[-1]["start"], str) and known.get(line[-1]["start"]) not in (None, *line):
        line.append(known[line[-1]["start"]])
    return line


def _batch_norm(entry, known):
    """Whether a trained recipe's network has batch normalisation, its own or that of a recipe it comes from."""
    return any(
        one["surgery"]["batch_norm"]
        or one["network"]["batch_norm"]
        and (one["network"]["blocks"] or one["network"]["dense"])
        for one in _line(entry, known)
    )


def _schedule_problems(place, schedule, entry):
    if schedule["solver"] == "lbfgs":
        yield from _solver_problems(place, schedule, entry)
        return
    if schedule["batch"] is None:
        yield f"{place}.batch: got none, expected images a step"
    if (schedule["epochs"] or schedule["steps"]) and schedule["unaugmented"] > recipes.epochs(schedule):
        yield f"{place}.unaugmented: got {schedule['unaugmented']}, expected at most its epochs"
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


def _solver_problems(place, schedule, entry):
    """What is wrong with a recipe that is to be solved, not trained by steps."""
    for key, unset in _STEPS.items():
        if schedule[key] != unset:
            yield f"{place}.{key}: got {schedule[key]!r}, expected none: {key} means nothing to solver lbfgs"
    if schedule["epochs"] is None:
        yield f"{place}.epochs: got none, expected at most how many iterations"
    if entry["precision"] != "float32":
        yield f"{place}.solver: got 'lbfgs' with precision {entry['precision']}, expected float32"
    network = entry["network"]
    plain = {**_UNSET["network"], "scale": network["scale"], "l2": network["l2"]}
    if entry["kind"] != "head" or entry["start"] or network != plain or not network["l2"]:
        yield (
            f"{place}.solver: got 'lbfgs', expected it for a head without start and hidden layers, dropout, batch_norm "
            f"and l1, but with network.l2"
        )
    if entry["members"] > 1 and entry["vary"] == "seed" and not entry["pseudo"]:
        yield f"{place}.solver: got 'lbfgs', {entry['members']} members, expected 1, or vary fold: seeds have no say"


def _refine_problems(place, entry, known):
    starts = recipes.starts(entry)
    able = [key for key, other in known.items() if other is not entry and other["hold_out"]]
    for start in starts or [None]:
        if start not in able:
            yield f"{place}.start: got {start!r}, expected a recipe that holds validation images out: {', '.join(able)}"
        elif known[start]["skip"] and not entry["skip"]:
            yield _skipped(f"{place}.start", start, known)
    if len(starts) < 2 and {**entry["refine"], "metric": "cosine"} == _UNSET["refine"]:
        yield (
            f"{place}.refine: got nothing to try, expected more than one number of neighbours, or temperature, or a "
            f"start from several recipes"
        )


def _skipped(place, source, known):
    return f"{place}: got {source!r}, expected a recipe that runs: {source} has skip, {known[source]['skip']}"


def _training_problems(place, entry, config):
    if not entry["schedules"]:
        yield f"{place}: the key schedules is missing"
    copies, augmentation = entry["copies"], entry["augmentation"]
    if entry["kind"] == "head" and bool(copies) != bool(augmentation):
        yield f"{place}.copies: got {copies} and augmentation {augmentation}, expected both or neither"
    if entry["kind"] == "fine-tune" and entry["augmentation"] and entry["precision"] != config["trunk"]["precision"]:
        yield (
            f"{place}.precision: got {entry['precision']!r}, expected trunk.precision, {config['trunk']['precision']}: "
            f"validation reads features made with that"
        )
    if entry["network"]["scale"] and entry["kind"] != "head":
        yield f"{place}.network.scale: got {entry['network']['scale']!r}, expected it for kind head alone"
    layers, shares = entry["network"]["dense"], entry["network"]["dropout"]
    if isinstance(shares, list) and len(shares) != len(layers) + 1:
        yield f"{place}.network.dropout: got {shares}, expected {len(layers) + 1} shares: dense layers and output"
    blocks, ends = entry["network"]["blocks"], entry["network"]["pooling"]
    if not blocks and ends != "max":
        yield f"{place}.network.pooling: got {ends!r}, expected it beside blocks alone"
    elif isinstance(ends, list) and len(ends) != len(blocks):
        yield f"{place}.network.pooling: got {ends}, expected {len(blocks)}, one for each block"
    elif entry["kind"] == "digits" and _left(min(entry["pixels"][:2]), blocks, ends) < 1:
        size = "x".join(map(str, entry["pixels"][:2]))
        yield f"{place}.network.blocks: got {blocks}, pooling {ends}, expected fewer or less pooling for {size} pixels"
    if entry["vary"] == "fold" and not entry["hold_out"]:
        yield f"{place}.vary: got 'fold', expected seed: hold_out is false, so no member validates on any fold"


def _left(side, blocks, ends):
    """How many places blocks leave of the ``side`` of an image (`networks.classifier`); below 1, they are too deep."""
    for convolutions, end in recipes.layout(blocks, ends):
        for _, size, stride in convolutions:
            side = (side - size) // stride + 1
        side = side // 2 if end == "max" else side
    return side


def _start_problems(place, entry, known):
    start = entry["start"]
    if start and entry["network"] != _UNSET["network"]:
        yield f"{place}.network: got {entry['network']}, expected none: {start}, from which it starts, brings the head"
    if entry["surgery"]["rescale"] and entry["surgery"]["dropout"] is None:
        yield f"{place}.surgery.rescale: got true, expected dropout beside it, whose change it goes with"
    if start is None:
        if entry["surgery"] != _UNSET["surgery"]:
            yield f"{place}.surgery: got {entry['surgery']}, expected none: it is done on what a recipe starts from"
        return
    cut = cuts.end(entry["depth"]) if entry["kind"] == "fine-tune" else entry["cut"]
    heads = [
        key for key, other in known.items() if other["kind"] == "head" and other["cut"] == cut and other is not entry
    ]
    if start not in heads:
        yield f"{place}.start: got {start!r}, expected a head on {cut}: {', '.join(heads) or 'there is none'}"
    else:
        yield from _member_problems(place, "start", start, entry, known)
        yield from _surgery_problems(f"{place}.surgery", entry, known)


def _surgery_problems(place, entry, known):
    """Surgery on what the network, that of the recipe where the starts begin, does not have."""
    first = _line(entry, known)[-1]
    if entry["surgery"]["batch_norm"] and not first["network"]["dense"]:
        yield f"{place}.batch_norm: got true, expected none: {entry['start']} has no hidden layers to put it after"
    dropout, shares = entry["surgery"]["dropout"], first["network"]["dropout"]
    if dropout is not None and not any(shares if isinstance(shares, list) else [shares]):
        yield f"{place}.dropout: got {dropout}, expected none: {entry['start']} has no dropout layers"


def _pseudo_problems(place, entry, known):
    source = (entry["pseudo"] or {}).get("labels")
    able = [key for key, other in known.items() if other["schedules"] and other["hold_out"] and other is not entry]
    if source is None:
        return
    if source not in able:
        yield f"{place}.pseudo.labels: got {source!r}, expected a recipe that trains: {', '.join(able)}"
    else:
        yield from _member_problems(place, "pseudo.labels", source, entry, known)


def _member_problems(place, key, source, entry, known):
    """What is wrong with taking something, under ``key``, from each member of the recipe ``source``."""
    if known[source]["skip"] and not entry["skip"]:
        yield _skipped(f"{place}.{key}", source, known)
    elif known[source]["vary"] != entry["vary"]:
        yield (
            f"{place}.vary: got {entry['vary']!r}, expected {known[source]['vary']!r}, as {source}, its {key}, has: "
            f"else a member validates on images that were trained on before"
        )
    elif known[source]["split"] != entry["split"]:
        yield (
            f"{place}.split: got {entry['split']!r}, expected {known[source]['split']!r}, as {source}, its {key}, has: "
            f"else a member validates on images that were trained on before"
        )
    elif known[source]["members"] < entry["members"]:
        yield (
            f"{place}.members: got {entry['members']}, expected at most {known[source]['members']}, "
            f"as many as {source}, its {key}, has"
        )
