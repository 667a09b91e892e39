"""List the keys that only some kinds of recipe use."""

import json

from headstart.config import backbones

# The keys that only some kinds of recipe use, with the values that mean unset.
UNSET = {
    "feature_layer": backbones.END,
    "unfreeze_from": "head",
    "init_from": None,
    "predictions_from": None,
    "surgery": {"dropout": None, "rescale": False, "batch_norm": False},
    "pixels": [28, 28, 1],
    "network": {
        "blocks": [],
        "pooling": "max",
        "dense": [],
        "batch_norm": False,
        "feature_norm": None,
        "l1": 0,
        "l2": 0,
        "dropout": 0,
    },
    "postprocess": {"neighbours": [1], "metric": "cosine", "temperature": [1]},
    "augmentation": None,
    "augmented_copies": 0,
    "pseudo_labels": None,
    "schedule": None,
    "lecture_schedule": None,
    "hold_out": True,
    "members": 1,
    "cross_validate": False,
    "split": "grouped",
    "mean": "arithmetic",
    "precision": "float32",
}


# The keys that a kind does not use.
IDLE = {
    "from-scratch": (
        *("feature_layer", "unfreeze_from", "init_from", "predictions_from", "surgery", "augmented_copies"),
        *("pseudo_labels", "postprocess"),
    ),
    "head": ("pixels", "unfreeze_from", "hold_out", "predictions_from", "postprocess"),
    "fine-tune": (
        *("pixels", "feature_layer", "hold_out", "predictions_from", "surgery", "augmented_copies", "pseudo_labels"),
        "postprocess",
    ),
    "postprocess": tuple(key for key in UNSET if key not in ("feature_layer", "predictions_from", "postprocess")),
}


SOLVER_UNSET = {  # the keys of a schedule that solver lbfgs does not use, with the values that mean unset
    "batch_size": None,
    "epochs": None,
    "learning_rate": None,
    "warmup_epochs": 0,
    "decay": "constant",
    "piecewise": None,
    "weight_decay": 0,
    "unaugmented_epochs": 0,
    "recalibrate_batch_norm": False,
}


def remedy(unset):
    """Return the end of an error line about a key that is not used, whose value ``unset`` says so.

    To remove the key is not enough where its value comes through based_on.
    """
    return f"Remove it, or set it to {json.dumps(unset)}."
