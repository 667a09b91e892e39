"""The places where VGG16 is cut, by the names of its layers."""

END = "block5_pool"  # the last layer before the dense ones
DENSE = ("fc1", "fc2", "predictions")  # their weights are in a file of their own, for images of 224 pixels only


def below(depth):
    """Return the layer where the frozen part ends if training begins at ``depth`` (head, dense, block5, … block2)."""
    return END if depth in ("head", "dense") else f"block{int(depth.removeprefix('block')) - 1}_pool"


def end(depth):
    """Return the trunk's last layer if training begins at ``depth``: fc2 with VGG16's own dense layers, else `END`."""
    return "fc2" if depth == "dense" else END
