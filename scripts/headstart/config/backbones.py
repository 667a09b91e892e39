"""Name the layers of VGG16 at which features are taken and training begins."""

END = "block5_pool"  # the last layer before the dense ones
DENSE = ("fc1", "fc2", "predictions")  # a file of their own holds their weights, for images of 224 pixels only


def below(unfreeze_from):
    """Return the last frozen layer if training begins at ``unfreeze_from``: head, dense, block5, … block2."""
    return END if unfreeze_from in ("head", "dense") else f"block{int(unfreeze_from.removeprefix('block')) - 1}_pool"


def end(unfreeze_from):
    """Return the last layer of the backbone that trains: fc2 with VGG16's own dense layers, else `END`."""
    return "fc2" if unfreeze_from == "dense" else END
