"""The .npy and .npz files that installed packages ship, and what np.load makes of them."""

import hashlib
import importlib.metadata
import warnings
from pathlib import Path

import numpy as np

PACKAGES = ("joblib", "matplotlib", "numpy", "scikit-image", "scikit-learn", "scipy", "statsmodels")


def files(package):
    """The package's array files: (path as in its RECORD, path on disk), sorted."""
    distribution = importlib.metadata.distribution(package)
    for entry in sorted(distribution.files, key=str):
        if entry.suffix in (".npy", ".npz"):
            yield str(entry), Path(entry.locate())


def version(package):
    return importlib.metadata.version(package)


def load_all(path):
    """What np.load gives for each member: an array, or the exception it raised."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = attempt(np.load, path)
        if not isinstance(opened, np.lib.npyio.NpzFile):
            return {None: opened}
        with opened:
            return {name: attempt(opened.__getitem__, name) for name in opened.files}


def attempt(action, argument):
    try:
        return action(argument)
    except Exception as error:  # noqa: BLE001
        return error


def holds_objects(found):
    return isinstance(found, ValueError) and "Object arrays cannot be loaded" in str(found)


def description(found):
    """An entry of the manifest."""
    if holds_objects(found):
        return "object"
    if isinstance(found, Exception):
        return f"error: {type(found).__name__}"
    descr = np.lib.format.dtype_to_descr(found.dtype)
    # What is contiguous both ways may say either in its header.
    both = found.flags.f_contiguous and found.flags.c_contiguous
    order = "C or F" if both else "F" if found.flags.f_contiguous else "C"
    return {
        "dtype": descr if isinstance(descr, str) else repr(descr),
        "shape": list(found.shape),
        "order": order,
        "nbytes": found.nbytes,
        "sha256": hashlib.sha256(portable(found)).hexdigest(),
    }


def portable(array):
    """The elements in C order, little-endian."""
    return array.astype(array.dtype.newbyteorder("<"), order="C").tobytes()
