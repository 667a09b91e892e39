"""The rule for all randomness: every seed follows from the global one and from names."""

import hashlib


def seed_of(*names):
    """Return the seed, 0 to 2³¹ − 1, that belongs to ``names``: the first 31 bits of SHA-256 over "a/b/c".

    The rule for all randomness here: (global seed, dataset, recipe, member) for training, (global seed, dataset, …) for
    data.
    """
    return int.from_bytes(hashlib.sha256("/".join(map(str, names)).encode()).digest()[:4], "big") >> 1
