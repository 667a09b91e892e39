"""Shuffle the batches of an epoch from a seed."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np


class Batches:
    """One epoch of shuffled batches. Seed and epoch alone determine it, so any epoch can be made again."""

    def __init__(self, examples, batch, seed, epoch, transform=None):
        self.examples, self.batch, self.seed, self.epoch, self.transform = examples, batch, seed, epoch, transform
        self.order = np.random.default_rng([seed, epoch]).permutation(len(examples.labels))

    def __len__(self):
        return steps(len(self.order), self.batch)

    def __getitem__(self, number):
        if number >= len(self):
            raise IndexError(number)  # ends a for loop
        end = None if number == len(self) - 1 else (number + 1) * self.batch
        chosen = self.order[number * self.batch : end]
        inputs = self.examples.inputs[chosen]
        if self.transform is not None:
            inputs = self.transform(inputs, [self.seed, self.epoch, number + 1])  # + 1: NumPy ignores a last 0
        return inputs.astype(np.float32), self.examples.labels[chosen]


def ahead(batches):
    """Yield ``batches`` in their order; each is read and changed while the one before it is in use."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(batches.__getitem__, 0)
        for number in range(1, len(batches)):
            batch = coming.result()
            coming = pool.submit(batches.__getitem__, number)
            yield batch
        yield coming.result()


def steps(images, batch):
    """Return the number of steps an epoch.

    A single image that is left over joins the last batch: alone it has no variance.
    """
    return max(1, images // batch + (images % batch > 1))
