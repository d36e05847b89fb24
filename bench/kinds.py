"""Arrays of the kinds that people compress, 8 MiB each: what a compressor is judged by."""

import numpy as np

NBYTES = 8 << 20


def weights(random, nbytes):
    """Weights of a network: noise in all but the sign and the exponent."""
    return (random.standard_normal(nbytes // 4, "f4") * 0.02).reshape(-1, 64)


def field(random, nbytes):
    """A smooth field of a simulation, in double precision."""
    side = int((nbytes // 8) ** 0.5)
    x, y = np.meshgrid(np.linspace(0, 7, side), np.linspace(0, 5, side))
    return np.sin(x) * np.cos(y * 1.3) + 0.1 * np.sin(5 * x + y)


def decimals(random, nbytes):
    """Measurements with three decimals."""
    return np.round(random.normal(20, 5, nbytes // 8), 3)


def counts(random, nbytes):
    """Small counts in 64-bit integers."""
    return random.poisson(3, nbytes // 8).astype("i8")


def identifiers(random, nbytes):
    """Rising identifiers."""
    return np.cumsum(random.integers(1, 20, nbytes // 8)).astype("i8")


def labels(random, nbytes):
    """A mask of blobs."""
    coarse = random.random((64, nbytes // 64 // 64)) < 0.3
    return np.repeat(np.repeat(coarse, 64, axis=0), 64, axis=1)[:, : nbytes // 4096].copy()


def image(random, nbytes):
    """Eight-bit images: gradients with some noise."""
    rows = np.arange(nbytes // 1024, dtype="i8")[:, None]
    columns = np.arange(1024, dtype="i8")[None, :]
    return ((rows // 7 + columns // 5) % 200 + random.integers(0, 12, (len(rows), 1024))).astype("u1")


KINDS = (weights, field, decimals, counts, identifiers, labels, image)


def arrays(share=1):
    """An array of each kind, of `1 / share` the size."""
    random = np.random.default_rng(7)
    return {kind.__name__: kind(random, NBYTES // share) for kind in KINDS}
