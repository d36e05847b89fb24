"""Made arrays of the kinds that people compress, 8 MiB each: what a compressor is judged by, beside `corpus`."""

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


def noise(random, nbytes):
    """Noise in double precision."""
    return random.standard_normal(nbytes // 8)


def walk(random, nbytes):
    """A random walk: prices, drifting sensors."""
    return np.cumsum(random.standard_normal(nbytes // 8))


def audio(random, nbytes):
    """Two channels of 16-bit sound."""
    time = np.arange(nbytes // 4) / 44100
    tones = np.sin(2 * np.pi * 440 * time) + 0.5 * np.sin(2 * np.pi * 554.4 * time + 1)
    both = np.stack([tones, 0.8 * tones], axis=1) * np.exp(-(time % 1))[:, None]
    return (both * 9000 + random.normal(0, 20, both.shape)).astype("i2")


def sorted_integers(random, nbytes):
    """Sorted 32-bit integers with repeats: row numbers of a sparse matrix, events by time."""
    return np.sort(random.integers(0, nbytes // 8, nbytes // 4).astype("i4"))


def classes(random, nbytes):
    """Class numbers in 64-bit integers, the frequent and the rare."""
    return np.minimum(random.zipf(1.5, nbytes // 8), 1000)


def noisy_labels(random, nbytes):
    """A mask of blobs, one element in fifty of which is wrong."""
    clean = labels(random, nbytes)
    return clean ^ (random.random(clean.shape) < 0.02)


def constant(random, nbytes):
    """The same number everywhere."""
    return np.full(nbytes // 8, 273.15)


def deep_image(random, nbytes):
    """Images of a 16-bit camera: spots on a background, with photon noise."""
    side = int((nbytes // 2) ** 0.5)
    rows, columns = np.mgrid[:side, :side]
    light = np.full((side, side), 300.0)
    for row, column, bright in random.random((40, 3)) * (side, side, 20000):
        light += bright * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * (side / 60) ** 2))
    return random.poisson(light).astype("u2")


def half_precision(random, nbytes):
    """Weights of a network in half precision."""
    return (random.standard_normal(nbytes // 2, "f4") * 0.02).astype("f2")


def spectrum(random, nbytes):
    """The Fourier transform of some tones in noise, in complex single precision."""
    signal = np.sin(np.arange(nbytes // 8) * 0.01) + 0.1 * random.standard_normal(nbytes // 8)
    return np.fft.fft(signal).astype("c8")


def codes(random, nbytes):
    """Text: country codes and numbers, in NumPy's four bytes a character."""
    countries = np.array(["DE", "FR", "JP", "US", "BR", "IN"])
    which = random.choice(countries, nbytes // 32, p=(0.3, 0.2, 0.15, 0.15, 0.1, 0.1))
    return np.char.add(which, np.char.mod("-%05d", random.integers(0, 3000, nbytes // 32))).astype("U8")


def sparse_rows(random, nbytes):
    """Rows of which one element in thirty is not zero, in single precision."""
    rows = random.random((nbytes // 1024, 256), "f4")
    return np.where(random.random(rows.shape) < 1 / 30, rows, 0)


def records(random, nbytes):
    """Records of measurements: a number, a time, a value, a flag."""
    found = np.zeros(nbytes // 22, [("id", "<i8"), ("time", "<i8"), ("value", "<f4"), ("flag", "<u2")])
    found["id"] = np.arange(len(found)) // 4
    found["time"] = 1_700_000_000_000 + np.cumsum(random.integers(900, 1100, len(found)))
    found["value"] = np.round(random.normal(20, 5, len(found)), 1)
    found["flag"] = random.random(len(found)) < 0.05
    return found


#: Those of the topics `compress` and `inflate`: of dtypes that other formats know, too.
KINDS = (weights, field, decimals, counts, identifiers, labels, image)

#: All, which the topic `corpus` measures one by one.
ALL = (
    *KINDS,
    *(noise, walk, audio, sorted_integers, classes, noisy_labels, constant, deep_image),
    *(half_precision, spectrum, codes, sparse_rows, records),
)


def arrays(share=1, kinds=KINDS):
    """An array of each kind, of `1 / share` the size, the same every time."""
    random = np.random.default_rng(7)
    return {kind.__name__: kind(random, NBYTES // share) for kind in kinds}
