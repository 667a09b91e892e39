"""Map former names of the config's keys and values to the present ones."""

KEYS = {
    "audit": "leakage_check",
    "batch": "batch_size",
    "copies": "augmented_copies",
    "cut": "feature_layer",
    "depth": "unfreeze_from",
    "pseudo": "pseudo_labels",
    "recalibrate": "recalibrate_batch_norm",
    "refine": "postprocess",
    "rendered": "synthetic",
    "scale": "feature_norm",
    "schedules": "schedule (the lecture's: lecture_schedule)",
    "show": "inspect",
    "start": "init_from (for kind postprocess: predictions_from)",
    "steps": "piecewise",
    "trunk": "backbone",
    "unaugmented": "unaugmented_epochs",
    "unpack_limit": "max_unpacked_bytes",
    "unreadable": "max_unreadable",
    "warmup": "warmup_epochs",
}
AT = {  # (the first key above it, the key)
    ("", "images"): "classify_images",
    ("", "recipe"): "classify_recipe",
    ("datasets", "images"): "path_patterns",
    ("recipes", "vary"): "cross_validate (true or false)",
    ("sweeps", "vary"): "grid",
}
VALUES = {"digits": "from-scratch", "refine": "postprocess"}


def hint(place, name):
    """Return a hint, such as "trunk is called backbone now", or "" if ``name`` is no former name of a key.

    ``place`` lists the keys above it.
    """
    new = AT.get((str(place[0]) if place else "", name)) or KEYS.get(name)
    return f"{name} is called {new} now" if new else ""


def hint_of_value(value):
    """Return the same hint for a recipe's kind."""
    return f"{value} is called {VALUES[value]} now" if value in VALUES else ""
