"""Opening a file and seeing the first element of an array in it, without reading the array."""

import numpy as np

from .. import files
from ..row import MIB, OURS, Contender, Goal, Row

SIZES = (1, 16, 256, 4096)


def rows(quick):
    return [row(size) for size in (SIZES[:1] if quick else SIZES)]


def row(mebibytes):
    nbytes = mebibytes * MIB
    return Row(
        f"map-{mebibytes}",
        f"map an array of {_text(mebibytes)}, look at its first element",
        (
            Contender(OURS, savez_map, needs="savez"),
            Contender("savez, npy", npy_map_by("savez"), needs="savez"),
            Contender("numpy, npy", npy_map_by("numpy")),
            Contender("safetensors", safetensors_map, needs="safetensors"),
            Contender("h5py", h5py_first, needs="h5py"),
        ),
        amount=1,
        unit="calls",
        repeat=100,
        make=lambda place: make(place, nbytes),
        check=check,
        goal=Goal(seconds=100e-6),
    )


def _text(mebibytes):
    return f"{mebibytes // 1024} GiB" if mebibytes >= 1024 else f"{mebibytes} MiB"


def make(place, nbytes):
    """One, then zeros, in every format; the zeros take no room on the disk."""
    import h5py

    import savez

    count = nbytes // 4
    array = np.zeros(count, "f4")
    array[0] = 1
    with files.Sparse(place / "one.npz") as file:
        savez.savez(file, w=array)
    with files.Sparse(place / "one.npy") as file:
        np.save(file, array)
    with open(place / "one.safetensors", "wb") as file:
        header = f'{{"w":{{"dtype":"F32","shape":[{count}],"data_offsets":[0,{nbytes}]}}}}'.encode()
        file.write(len(header).to_bytes(8, "little") + header + array[:1].tobytes())
        file.truncate(8 + len(header) + nbytes)
    with h5py.File(place / "one.h5", "w") as file:
        file.create_dataset("w", (count,), "f4")[0] = 1


def check(place, path, result):
    assert result == 1


def savez_map(place, path):
    import savez

    name = str(place / "one.npz")
    return lambda: savez.load(name, mmap_mode="r")["w"][0]


def npy_map_by(module):
    def start(place, path):
        load, name = __import__(module).load, str(place / "one.npy")
        return lambda: load(name, mmap_mode="r")[0]

    return start


def safetensors_map(place, path):
    from safetensors import safe_open

    name = str(place / "one.safetensors")

    def work():
        with safe_open(name, "numpy") as file:
            return file.get_slice("w")[0:1][0]

    return work


def h5py_first(place, path):
    import h5py

    name = str(place / "one.h5")

    def work():
        with h5py.File(name) as file:
            return file["w"][0]

    return work
