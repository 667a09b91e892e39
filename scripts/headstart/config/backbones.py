"""Name the layers of VGG16 at which features are taken and training begins, and check its settings."""

END = "block5_pool"  # the last layer before the dense ones
DENSE = ("fc1", "fc2", "predictions")  # a file of their own holds their weights, for images of 224 pixels only


def below(unfreeze_from):
    """Return the last frozen layer if training begins at ``unfreeze_from``: head, dense, block5, … block2."""
    return END if unfreeze_from in ("head", "dense") else f"block{int(unfreeze_from.removeprefix('block')) - 1}_pool"


def end(unfreeze_from):
    """Return the last layer of the backbone that trains: fc2 with VGG16's own dense layers, else `END`."""
    return "fc2" if unfreeze_from == "dense" else END


def problems(settings, downloads):
    """Yield one line for each problem in the config's ``backbone``; ``downloads`` are those of vgg16."""
    for key in ("weights", "weights_dense"):
        if settings[key] not in downloads:
            yield f"backbone.{key}: no such file under downloads.vgg16 (got {settings[key]!r}). Add it there."
    if settings["engine"] == "ncnn" and settings["precision"] != "float32":
        yield f"backbone.engine: ncnn computes in float32 only (got precision {settings['precision']}). Set it to auto."
