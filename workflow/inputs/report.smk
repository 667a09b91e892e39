# Inputs and params of the rules in rules/report.smk.


def each_member(file):
    """Return an input function for one file of each member of a recipe; none if the recipe does not train."""
    return lambda wildcards: members(file)(wildcards) if RECIPES[wildcards.recipe]["schedule"] else []


def network_inputs(wildcards):
    """Return the inputs of a recipe's own network, as in `training_inputs`, ``{network_<published part>: path}``."""
    return {f"network_{part}": path for part, path in training_inputs(wildcards).items()}


def backbone_weights(wildcards):
    """Return as input the backbone's weights, if a recipe sees its images through the backbone."""
    scratch = RECIPES[wildcards.recipe]["kind"] == "from-scratch"
    return [] if scratch else f"resources/vgg16/{BACKBONE['weights']}"


def inspected(pattern):
    """Return an input function for the file of a pattern for the recipe that a dataset's report inspects."""
    return lambda wildcards: pattern.format(dataset=wildcards.dataset, recipe=INSPECTED[wildcards.dataset])


def previews(wildcards):
    """Return as inputs the augmentation previews of a dataset, one for each augmentation and image shape."""
    found = {}
    for name, key in WANTED:
        if name == wildcards.dataset and RECIPES[key]["augmentation"]:
            kind = (str(RECIPES[key]["augmentation"]), str(shape_seen(SimpleNamespace(recipe=key))))
            found.setdefault(kind, f"results/{name}/preview/{key}.png")
    return list(found.values())
