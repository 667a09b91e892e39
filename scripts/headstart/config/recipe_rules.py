"""Check that a recipe fits together: its keys, its schedules and the recipes that it builds on."""

from headstart.config import backbones, recipes
from headstart.config.recipe_kinds import IDLE, UNSET, remedy
from headstart.config.schedule_rules import schedule_problems
from headstart.core.naming import one_of


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
            yield (
                f"{place}.{key}.recalibrate_batch_norm: the network has no batch normalization (got true). "
                f"Set it to false."
            )
        if values["batch_size"] == 1 and normalised:
            yield f"{place}.{key}.batch_size: batch normalization needs the variance of a batch (got 1). Set 2 or more."
        if values["unaugmented_epochs"] and not augmented:
            yield (
                f"{place}.{key}.unaugmented_epochs: only kind from-scratch with augmentation uses it "
                f"(got {values['unaugmented_epochs']}). Set it to 0."
            )
    unset = {**UNSET, "feature_layer": backbones.below(entry["unfreeze_from"])}
    for key in IDLE[entry["kind"]]:
        if entry[key] != unset[key]:
            yield f"{place}.{key}: kind {entry['kind']} does not use {key} (got {entry[key]!r}). {remedy(unset[key])}"
    for key in ("feature_layer", "unfreeze_from"):
        if entry[key] in (*backbones.DENSE, "dense") and config["backbone"]["size"] != 224 and not entry["skip"]:
            size = config["backbone"]["size"]
            yield f"{place}.{key}: {entry[key]} needs backbone.size 224 (got {size}). Set the size, or change {key}."
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
        yield (
            f"{place}.{key}: a recipe cannot build on itself (got {way[1]!r}: {' → '.join(way)}). Name another recipe."
        )


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
            yield (
                f"{place}.predictions_from: not another recipe that holds out validation images (got {start!r}). "
                f"{one_of(able)}"
            )
        elif known[start]["skip"] and not entry["skip"]:
            yield _skipped(f"{place}.predictions_from", start, known)
    if len(starts) < 2 and {**entry["postprocess"], "metric": "cosine"} == UNSET["postprocess"]:
        yield (
            f"{place}.postprocess: it would change nothing (got neighbours [1] and temperature [1]). Add other values "
            f"to try, or name several recipes in predictions_from."
        )


def _skipped(place, source, known):
    return f"{place}: {source} does not run (got {source!r}, skip: {known[source]['skip']}). Name a recipe that runs."


def _training_problems(place, entry, config):
    if not entry["schedule"]:
        yield f"{place}: the key schedule is missing. Add it."
    copies, augmentation = entry["augmented_copies"], entry["augmentation"]
    if entry["kind"] == "head" and bool(copies) != bool(augmentation):
        yield (
            f"{place}.augmented_copies: augmented_copies and augmentation need each other "
            f"(got {copies} and {augmentation}). Set both or neither."
        )
    precision = config["backbone"]["precision"]
    if entry["kind"] == "fine-tune" and entry["augmentation"] and entry["precision"] != precision:
        yield (
            f"{place}.precision: differs from backbone.precision, with which validation features are made "
            f"(got {entry['precision']!r}). Set it to {precision}."
        )
    if entry["network"]["feature_norm"] and entry["kind"] != "head":
        yield (
            f"{place}.network.feature_norm: only kind head uses it (got {entry['network']['feature_norm']!r}). "
            f"Set it to null."
        )
    layers, shares = entry["network"]["dense"], entry["network"]["dropout"]
    if isinstance(shares, list) and len(shares) != len(layers) + 1:
        yield (
            f"{place}.network.dropout: wrong number of shares (got {shares}). "
            f"List {len(layers) + 1}: one for each dense layer and one for the output."
        )
    blocks, ends = entry["network"]["blocks"], entry["network"]["pooling"]
    if not blocks and ends != "max":
        yield f"{place}.network.pooling: has no effect without network.blocks (got {ends!r}). Add blocks or remove it."
    elif isinstance(ends, list) and len(ends) != len(blocks):
        yield f"{place}.network.pooling: wrong number of entries (got {ends}). List {len(blocks)}: one for each block."
    elif entry["kind"] == "from-scratch" and _left(min(entry["pixels"][:2]), blocks, ends) < 1:
        size = "x".join(map(str, entry["pixels"][:2]))
        yield (
            f"{place}.network.blocks: too deep for images of {size} pixels (got {blocks}, pooling {ends}). "
            f"Use fewer blocks or less pooling."
        )
    if entry["cross_validate"] and not entry["hold_out"]:
        yield f"{place}.cross_validate: no member validates, since hold_out is false (got true). Set it to false."


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
        yield f"{place}.network: the head comes from {start}, its init_from (got {entry['network']}). Leave it unset."
    if entry["surgery"]["rescale"] and entry["surgery"]["dropout"] is None:
        yield f"{place}.surgery.rescale: has no effect without surgery.dropout (got true). Set dropout too."
    if start is None:
        if entry["surgery"] != UNSET["surgery"]:
            yield f"{place}.surgery: needs a trained network to change (got {entry['surgery']}). Set init_from."
        return
    layer = backbones.end(entry["unfreeze_from"]) if entry["kind"] == "fine-tune" else entry["feature_layer"]
    heads = [
        key
        for key, other in known.items()
        if other["kind"] == "head" and other["feature_layer"] == layer and other is not entry
    ]
    if start not in heads:
        yield f"{place}.init_from: not another recipe of kind head on {layer} (got {start!r}). {one_of(heads)}"
    else:
        yield from _member_problems(place, "init_from", start, entry, known)
        yield from _surgery_problems(f"{place}.surgery", entry, known)


def _surgery_problems(place, entry, known):
    """Yield problems of surgery on layers that the network of the first recipe in the line lacks."""
    first = _line(entry, known)[-1]
    if entry["surgery"]["batch_norm"] and not first["network"]["dense"]:
        yield f"{place}.batch_norm: {entry['init_from']} has no hidden layers to normalize (got true). Set it to false."
    dropout, shares = entry["surgery"]["dropout"], first["network"]["dropout"]
    if dropout is not None and not any(shares if isinstance(shares, list) else [shares]):
        yield f"{place}.dropout: {entry['init_from']} has no dropout layers (got {dropout}). Set it to null."


def _pseudo_problems(place, entry, known):
    source = (entry["pseudo_labels"] or {}).get("labels")
    able = [key for key, other in known.items() if other["schedule"] and other["hold_out"] and other is not entry]
    if source is None:
        return
    if source not in able:
        yield (
            f"{place}.pseudo_labels.labels: not another recipe that trains and holds out validation images "
            f"(got {source!r}). {one_of(able)}"
        )
    else:
        yield from _member_problems(place, "pseudo_labels.labels", source, entry, known)


def _member_problems(place, key, source, entry, known):
    """Yield a problem of a recipe whose ``key`` takes something from each member of the recipe ``source``."""
    if known[source]["skip"] and not entry["skip"]:
        yield _skipped(f"{place}.{key}", source, known)
    elif known[source]["cross_validate"] != entry["cross_validate"]:
        wanted = known[source]["cross_validate"]
        yield (
            f"{place}.cross_validate: differs from {source}, its {key}, so members would validate on images already "
            f"trained on (got {str(entry['cross_validate']).lower()}). Set it to {str(wanted).lower()}."
        )
    elif known[source]["split"] != entry["split"]:
        yield (
            f"{place}.split: differs from {source}, its {key}, so members would validate on images already "
            f"trained on (got {entry['split']!r}). Set it to {known[source]['split']}."
        )
    elif known[source]["members"] < entry["members"]:
        yield (
            f"{place}.members: more than {source}, its {key}, has (got {entry['members']}). "
            f"Set it to at most {known[source]['members']}."
        )
