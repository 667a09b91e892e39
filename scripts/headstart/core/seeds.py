"""Derive every seed from the global seed and from names."""

import hashlib


def seed_of(*names):
    """Return the seed, 0 to 2³¹ − 1, that belongs to ``names``: the first 31 bits of SHA-256 over "a/b/c".

    All randomness follows this rule. Training passes (global seed, dataset, recipe, member). Data stages pass
    (global seed, dataset, …).
    """
    return int.from_bytes(hashlib.sha256("/".join(map(str, names)).encode()).digest()[:4], "big") >> 1
