"""Check that a recipe fits together: its keys, its schedules and the recipes that it builds on."""

from headstart.config import backbones, recipes
from headstart.config.recipe_kinds import IDLE, UNSET
from headstart.config.schedule_rules import schedule_problems


def recipe_problems(name, config):
    """Yield one line for each problem in the recipe ``name`` of a config that satisfies the schema."""
    place, known = f"recipes.{name}", config["recipes"]
    entry = known[name]
    yield from _circles(place, name, known)
    augmented = entry["kind"] == "from-scratch" and entry["augmentation"]
    normalised, founded = _batch_norm(entry, known), set(recipes.starts(entry)) <= known.keys()
    for key, values in ((key, entry[key]) for key in ("schedule", "lecture_schedule") if entry[key]):
        yield from schedule_problems(f"{place}.{key}", values, entry)
        if values["recalibrate_batch_norm"] and not normalised and founded:
            yield f"{place}.{key}.recalibrate_batch_norm: got true, expected it for a network with batch_norm alone"
        if values["batch_size"] == 1 and normalised:
            yield f"{place}.{key}.batch_size: got 1, expected 2 or more: batch_norm needs their variance"
        if values["unaugmented_epochs"] and not augmented:
            yield (
                f"{place}.{key}.unaugmented_epochs: got {values['unaugmented_epochs']}, expected it for kind "
                f"from-scratch with augmentation alone"
            )
    unset = {**UNSET, "feature_layer": backbones.below(entry["unfreeze_from"])}
    for key in IDLE[entry["kind"]]:
        if entry[key] != unset[key]:
            yield f"{place}.{key}: got {entry[key]!r}, expected none: {key} means nothing to kind {entry['kind']}"
    for key in ("feature_layer", "unfreeze_from"):
        if entry[key] in (*backbones.DENSE, "dense") and config["backbone"]["size"] != 224 and not entry["skip"]:
            size = config["backbone"]["size"]
            yield f"{place}.{key}: got {entry[key]!r} with backbone.size {size}, expected size 224 for it"
    if entry["kind"] == "postprocess":
        yield from _postprocess_problems(place, entry, known)
    else:
        yield from _training_problems(place, entry, config)
        yield from _start_problems(place, entry, known)
        yield from _pseudo_problems(place, entry, known)


def _circles(place, name, known):
    """Yield a problem for each circle in which a recipe builds on itself through other recipes."""

    def ways(way):
        entry = known[way[-1]]
        key = "init_from" if entry["init_from"] else "predictions_from"
        sources = [(key, start) for start in recipes.starts(entry)]
        for key, other in [*sources, ("pseudo_labels.labels", (entry["pseudo_labels"] or {}).get("labels"))]:
            if other == name:
                yield key, [*way, other]
            elif other in known and other not in way:
                yield from ((key, found) for _, found in ways([*way, other]))

    for key, way in ways([name]):
        yield f"{place}.{key}: got {way[1]!r}, expected no circle: {' → '.join(way)}"


def _line(entry, known):
    """Return a trained recipe and the recipes that its network comes from, following ``init_from``."""
    line = [entry]
    while known.get(line[-1]["init_from"]) not in (None, *line):
        line.append(known[line[-1]["init_from"]])
    return line


def _batch_norm(entry, known):
    """Return whether a trained recipe's network has batch normalization, its own or from a recipe in its line."""
    return any(
        one["surgery"]["batch_norm"]
        or one["network"]["batch_norm"]
        and (one["network"]["blocks"] or one["network"]["dense"])
        for one in _line(entry, known)
    )


def _postprocess_problems(place, entry, known):
    starts = recipes.starts(entry)
    able = [key for key, other in known.items() if other is not entry and other["hold_out"]]
    for start in starts or [None]:
        if start not in able:
            names = ", ".join(able)
            yield f"{place}.predictions_from: got {start!r}, expected one that holds out validation images: {names}"
        elif known[start]["skip"] and not entry["skip"]:
            yield _skipped(f"{place}.predictions_from", start, known)
    if len(starts) < 2 and {**entry["postprocess"], "metric": "cosine"} == UNSET["postprocess"]:
        yield (
            f"{place}.postprocess: got nothing to try, expected more than one number of neighbours, or temperature, or "
            f"predictions_from several recipes"
        )


def _skipped(place, source, known):
    return f"{place}: got {source!r}, expected a recipe that runs: {source} has skip, {known[source]['skip']}"


def _training_problems(place, entry, config):
    if not entry["schedule"]:
        yield f"{place}: the key schedule is missing"
    copies, augmentation = entry["augmented_copies"], entry["augmentation"]
    if entry["kind"] == "head" and bool(copies) != bool(augmentation):
        yield f"{place}.augmented_copies: got {copies} and augmentation {augmentation}, expected both or neither"
    precision = config["backbone"]["precision"]
    if entry["kind"] == "fine-tune" and entry["augmentation"] and entry["precision"] != precision:
        yield (
            f"{place}.precision: got {entry['precision']!r}, expected backbone.precision, {precision}: "
            f"validation reads features made with that"
        )
    if entry["network"]["feature_norm"] and entry["kind"] != "head":
        yield f"{place}.network.feature_norm: got {entry['network']['feature_norm']!r}, expected it for kind head alone"
    layers, shares = entry["network"]["dense"], entry["network"]["dropout"]
    if isinstance(shares, list) and len(shares) != len(layers) + 1:
        yield f"{place}.network.dropout: got {shares}, expected {len(layers) + 1} shares: dense layers and output"
    blocks, ends = entry["network"]["blocks"], entry["network"]["pooling"]
    if not blocks and ends != "max":
        yield f"{place}.network.pooling: got {ends!r}, expected it beside blocks alone"
    elif isinstance(ends, list) and len(ends) != len(blocks):
        yield f"{place}.network.pooling: got {ends}, expected {len(blocks)}, one for each block"
    elif entry["kind"] == "from-scratch" and _left(min(entry["pixels"][:2]), blocks, ends) < 1:
        size = "x".join(map(str, entry["pixels"][:2]))
        yield f"{place}.network.blocks: got {blocks}, pooling {ends}, expected fewer or less pooling for {size} pixels"
    if entry["cross_validate"] and not entry["hold_out"]:
        yield f"{place}.cross_validate: got true, expected false: hold_out is false, so no member validates on any fold"


def _left(side, blocks, ends):
    """Return how many pixels of an image's ``side`` remain after all blocks (`networks.classifier`).

    Below 1, the network is too deep for the image.
    """
    for convolutions, end in recipes.layout(blocks, ends):
        for _, size, stride in convolutions:
            side = (side - size) // stride + 1
        side = side // 2 if end == "max" else side
    return side


def _start_problems(place, entry, known):
    start = entry["init_from"]
    if start and entry["network"] != UNSET["network"]:
        yield f"{place}.network: got {entry['network']}, expected none: {start}, from which it starts, brings the head"
    if entry["surgery"]["rescale"] and entry["surgery"]["dropout"] is None:
        yield f"{place}.surgery.rescale: got true, expected dropout beside it, whose change it goes with"
    if start is None:
        if entry["surgery"] != UNSET["surgery"]:
            yield f"{place}.surgery: got {entry['surgery']}, expected none: it is done on what a recipe starts from"
        return
    layer = backbones.end(entry["unfreeze_from"]) if entry["kind"] == "fine-tune" else entry["feature_layer"]
    heads = [
        key
        for key, other in known.items()
        if other["kind"] == "head" and other["feature_layer"] == layer and other is not entry
    ]
    if start not in heads:
        yield f"{place}.init_from: got {start!r}, expected a head on {layer}: {', '.join(heads) or 'there is none'}"
    else:
        yield from _member_problems(place, "init_from", start, entry, known)
        yield from _surgery_problems(f"{place}.surgery", entry, known)


def _surgery_problems(place, entry, known):
    """Yield problems of surgery on layers that the network of the first recipe in the line lacks."""
    first = _line(entry, known)[-1]
    if entry["surgery"]["batch_norm"] and not first["network"]["dense"]:
        yield f"{place}.batch_norm: got true, expected none: {entry['init_from']} has no hidden layers to put it after"
    dropout, shares = entry["surgery"]["dropout"], first["network"]["dropout"]
    if dropout is not None and not any(shares if isinstance(shares, list) else [shares]):
        yield f"{place}.dropout: got {dropout}, expected none: {entry['init_from']} has no dropout layers"


def _pseudo_problems(place, entry, known):
    source = (entry["pseudo_labels"] or {}).get("labels")
    able = [key for key, other in known.items() if other["schedule"] and other["hold_out"] and other is not entry]
    if source is None:
        return
    if source not in able:
        yield f"{place}.pseudo_labels.labels: got {source!r}, expected a recipe that trains: {', '.join(able)}"
    else:
        yield from _member_problems(place, "pseudo_labels.labels", source, entry, known)


def _member_problems(place, key, source, entry, known):
    """Yield a problem of a recipe whose ``key`` takes something from each member of the recipe ``source``."""
    if known[source]["skip"] and not entry["skip"]:
        yield _skipped(f"{place}.{key}", source, known)
    elif known[source]["cross_validate"] != entry["cross_validate"]:
        wanted = known[source]["cross_validate"]
        yield (
            f"{place}.cross_validate: got {entry['cross_validate']}, expected {wanted}, as {source}, its {key}, has: "
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
