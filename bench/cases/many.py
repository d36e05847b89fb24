"""Twenty thousand arrays of 64 bytes: saved, loaded, and the last of them found."""

from .. import data, files, peers
from ..row import OURS, Contender, Goal, Row

#: zarr makes a directory for each array: minutes for so many.
LIBRARIES = tuple(name for name in peers.LIBRARIES if name != "zarr")
RUST = ("savez", "ndarray-npy", "npyz", "safetensors")


def rows(quick):
    count = 200 if quick else 20_000
    return [saving(count), loading(count), last(count)]


def saving(count):
    def library(name):
        save, _, needs = peers.LIBRARIES[name]

        def start(place, path):
            arrays = data.small(count)
            return lambda: save(path, arrays)

        return Contender(name, start, needs=needs)

    def check(place, path, result):
        data.same(data.small(count), peers.LIBRARIES[path.stem][1](path))

    return Row(
        "many-save",
        f"save {count:,} arrays of 64 bytes",
        (*map(library, LIBRARIES), *(crate("save-many", name, count) for name in RUST)),
        amount=count,
        unit="arrays",
        check=check,
        before=files.removed,
        after=files.removed,
        goal=Goal(seconds=4e-6),
    )


def loading(count):
    def library(name):
        save, load, needs = peers.LIBRARIES[name]

        def start(place, path):
            save(path, data.small(count))
            return lambda: load(path)

        return Contender(name, start, needs=needs)

    return Row(
        "many-load",
        f"load {count:,} arrays of 64 bytes",
        (*map(library, LIBRARIES), *(crate("load-many", name, count) for name in RUST)),
        amount=count,
        unit="arrays",
        make=lambda place: make(place, count),
        check=lambda place, path, result: data.same(data.small(count), result),
        goal=Goal(seconds=3e-6),
    )


def crate(operation, name, count):
    return Contender(f"{name} (Rust)", peer=(operation, name, str(count)))


def make(place, count):
    peers.numpy_save(place / "input.npz", data.small(count))
    peers.savez_save(place / "savez.npz", data.small(count))
    peers.safetensors_save(place / "input.safetensors", data.small(count))


def last(count):
    name = f"layer{count - 1:07}.w"

    def reads(save, read):
        def start(place, path):
            save(path, data.small(count))
            return lambda: read(path)

        return start

    def check(place, path, result):
        data.same({name: data.small(count)[name]}, {name: result})

    contenders = (
        Contender(OURS, reads(peers.savez_save, lambda path: savez_one(path, name)), needs="savez"),
        Contender(
            "savez.open", reads(peers.savez_save, lambda path: savez_open_one(path, name)), needs="savez"
        ),
        Contender("numpy", reads(peers.numpy_save, lambda path: numpy_one(path, name))),
        Contender(
            "safetensors",
            reads(peers.safetensors_save, lambda path: safetensors_one(path, name)),
            needs="safetensors",
        ),
        Contender("h5py", reads(peers.h5py_save, lambda path: h5py_one(path, name)), needs="h5py"),
        Contender("savez (Rust)", peer=("last", "savez", str(count))),
    )
    return Row(
        "many-last",
        f"open a file of {count:,} arrays, read the last",
        contenders,
        amount=1,
        unit="calls",
        repeat=3,
        make=lambda place: make(place, count),
        check=check,
        goal=Goal(seconds=3e-3),
    )


def savez_one(path, name):
    import savez

    with savez.load(path) as archive:
        return archive[name]


def savez_open_one(path, name):
    import savez

    with savez.open(path) as archive:
        return archive[name][...]


def numpy_one(path, name):
    import numpy as np

    with np.load(path) as archive:
        return archive[name]


def safetensors_one(path, name):
    from safetensors import safe_open

    with safe_open(path, "numpy") as file:
        return file.get_tensor(name)


def h5py_one(path, name):
    import h5py

    with h5py.File(path) as file:
        return file[name][()]
