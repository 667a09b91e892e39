# Inputs and params of the rules in rules/train.smk.


def fold(wildcards):
    """Return as param the fold that a member validates on, or None if it trains on all images."""
    return recipes.fold(RECIPES[wildcards.recipe], int(wildcards.member), folds(wildcards))


def training(wildcards):
    """Return as param the settings of a recipe that concern training one member."""
    return {key: RECIPES[wildcards.recipe][key] for key in recipes.TRAINING}


def initial(wildcards):
    """Return as input the model of the same-numbered member that a member starts from; none if it starts from none."""
    source = RECIPES[wildcards.recipe]["init_from"]
    return f"{MEMBER}/model.keras".format(**{**wildcards, "recipe": source}) if source else []


def augmented_copies(wildcards):
    """Return as inputs the features of augmented copies of the train images; none if a recipe has no copies."""
    entry = RECIPES[wildcards.recipe]
    folder = f"results/{wildcards.dataset}/features/{entry['feature_layer']}/{wildcards.recipe}"
    return [f"{folder}/copy-{number}.h5" for number in range(1, entry["augmented_copies"] + 1)]


def pseudo_labels(wildcards):
    """Return as input the predictions that give a member's pseudo-labels; none if a recipe has none.

    They come from the member with the same number.
    """
    source = (RECIPES[wildcards.recipe]["pseudo_labels"] or {}).get("labels")
    return f"{MEMBER}/predictions.h5".format(**{**wildcards, "recipe": source}) if source else []


def augmented_pixels(wildcards):
    """Return as input the train pixels, if a fine-tuning recipe augments them."""
    augmented = RECIPES[wildcards.recipe]["augmentation"]
    return BACKBONE_PIXELS.format(dataset=wildcards.dataset, part="train") if augmented else []


def head_memory(wildcards, input, attempt):
    """Return as resource the megabytes for a head on the features of block5_pool (docs/performance.md).

    Steps hold 1 GB of rows at most, twice: train and validation. The solver holds all rows, as a sparse matrix. Other
    layers may need more: on a cluster, the next attempt asks for twice as much.
    """
    entry = RECIPES[wildcards.recipe]
    images = 22_424  # all of State Farm, where the manifest is in a bucket and not to be seen from here
    if workflow.storage_settings.default_storage_provider is None:
        with open(input.manifest, encoding="utf-8") as lines:
            images = sum(",train," in line for line in lines)
    rows = images * (1 + entry["augmented_copies"] + (entry["pseudo_labels"] or {"ratio": 0})["ratio"])
    held = 0.03 * rows if entry["schedule"]["solver"] == "lbfgs" else min(2000, 0.1 * rows)
    return int(2000 + held) * attempt
