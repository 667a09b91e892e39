"""Run the trunk once over the pixels of one part and keep its output at the cut."""

from headstart import hdf5, runtime, weights
from headstart.stage import stage


def main(*, pixels, weights_file, target, cut, size, batch, precision, threads, terminal, title):
    """Write the activations of VGG16 at layer ``cut`` for all rows of ``pixels`` to ``target`` (HDF5, float32).

    The attributes say what made them: digests of the weights and the manifest, cut, size and precision.
    """
    runtime.prepare(threads=threads, precision=precision)
    from headstart import trunk

    model = trunk.below(weights_file, size, cut)
    attrs = hdf5.read_attrs(pixels) | {
        "trunk": "vgg16",
        "weights_sha256": weights.digest(weights_file, cut),
        "cut": cut,
        "size": size,
        "precision": precision,
    }
    batches = (model.predict_on_batch(images.astype("float32")) for images in hdf5.read_batches(pixels, batch))
    ids = hdf5.read_ids(pixels)
    hdf5.write_rows(target, ids, model.output_shape[1:], "float32", batches, attrs, terminal=terminal, title=title)


if __name__ == "__main__":
    with stage(snakemake.log[0]) as terminal:
        main(
            pixels=snakemake.input.pixels,
            weights_file=snakemake.input.weights,
            target=snakemake.output[0],
            cut=snakemake.wildcards.cut,
            title=f"{snakemake.wildcards.dataset} {snakemake.wildcards.part}",
            terminal=terminal,
            **{name: snakemake.params[name] for name in ("size", "batch", "precision", "threads")},
        )
