"""Loading 256 MiB of float32 in four arrays into memory; of archives, with the checksums compared."""

import pickle

import numpy as np

from .. import data, peers
from ..row import MIB, OURS, Contender, Goal, Row

FEW = ("savez", "numpy", "safetensors")
RUST = ("savez", "ndarray-npy", "npyz", "safetensors")


def rows(quick):
    each = MIB if quick else 64 * MIB
    common = {"amount": 4 * each, "rounds": 7, "check": check(each)}

    def row(name, title, libraries, others, crates=(), **more):
        return Row(
            f"load-{name}",
            f"load 4 × {each // MIB} MiB of float32{title}",
            (*(library(name, each) for name in libraries), *others, *(crate(name) for name in crates)),
            **{"make": make(each), **common, **more},
        )

    everyone = tuple(peers.LIBRARIES)
    raw = (Contender("pread(2)", raw_read(each)), preads(1))
    more = (Contender("fromfile", fromfile(each)), Contender("memcpy", memcpy(each)))
    goal = Goal("pread(2), 1 thread, huge pages", 0.9)
    goal_2 = Goal("pread(2), 2 threads, huge pages", 0.9)
    return [
        row("one-core", "", everyone, raw + more, RUST, goal=goal),
        row("two-cores", "", FEW, (*raw, preads(2)), RUST[:1], cores=2, goal=goal_2),
        row("tmpfs", "", FEW, raw, memory=True, goal=goal),
        row("tmpfs-2", "", FEW, (*raw, preads(2)), memory=True, cores=2, goal=goal_2),
        row("cold", ", not read lately", FEW, raw, cold=True, cores=2),
        file_objects(each, common),
        into(each, common),
        swapped(each, common),
    ]


def make(each):
    """What the Rust contenders and the raw reads read."""

    def make(place):
        arrays = data.weights(each)
        peers.numpy_save(place / "input.npz", arrays)
        peers.savez_save(place / "savez.npz", arrays)
        peers.safetensors_save(place / "input.safetensors", arrays)

    return make


def library(name, each):
    save, load, needs = peers.LIBRARIES[name]

    def start(place, path):
        save(path, data.weights(each))
        return lambda: load(path)

    return Contender(name, start, needs=needs)


def crate(name):
    return Contender(f"{name} (Rust)", peer=("load", name))


def preads(threads):
    """As fast as this machine reads: by one or more threads, into fresh huge pages."""
    plural = "s" if threads > 1 else ""
    return Contender(f"pread(2), {threads} thread{plural}, huge pages", peer=("pread", str(threads)))


def raw_read(each):
    return lambda place, path: lambda: peers.raw_read(place / "savez.npz")


def fromfile(each):
    def start(place, path):
        arrays = data.weights(each)
        for name, array in arrays.items():
            array.tofile(place / f"{name}.raw")
        shapes = {name: array.shape for name, array in arrays.items()}

        def work():
            return {name: np.fromfile(place / f"{name}.raw", "f4").reshape(s) for name, s in shapes.items()}

        return work

    return start


def memcpy(each):
    def start(place, path):
        arrays = data.weights(each)
        return lambda: {name: array.copy() for name, array in arrays.items()}

    return start


def check(each):
    def check(place, path, result):
        if isinstance(result, dict):
            data.same(data.weights(each), result)
        else:
            assert result.size >= 4 * each

    return check


def file_objects(each, common):
    def start_with(save, load):
        def start(place, path):
            save(path, data.weights(each))

            def work():
                with open(path, "rb") as file:
                    return load(file)

            return work

        return start

    contenders = (
        Contender(OURS, start_with(peers.savez_save, peers.savez_load), needs="savez"),
        Contender("numpy", start_with(peers.numpy_save, peers.numpy_load)),
        Contender("joblib", start_with(peers.joblib_save, peers.joblib_load), needs="joblib"),
        Contender("pickle", start_with(peers.pickle_save, pickle.load)),
    )
    title = f"load 4 × {each // MIB} MiB of float32 from an open file object"
    return Row("load-object", title, contenders, **common)


def into(each, common):
    """What a program does that loads again and again: new memory has to be cleared, old need not."""

    def start_with(save, read):
        def start(place, path):
            arrays = data.weights(each)
            save(path, arrays)
            rooms = {name: np.zeros_like(array) for name, array in arrays.items()}

            def work():
                read(path, rooms)
                return rooms

            return work

        return start

    def savez_read(path, rooms):
        import savez

        with savez.open(path) as archive:
            for name, room in rooms.items():
                archive[name].read(out=room)

    def numpy_read(path, rooms):
        with np.load(path) as archive:
            for name, room in rooms.items():
                room[...] = archive[name]

    def h5py_read(path, rooms):
        import h5py

        with h5py.File(path) as file:
            for name, room in rooms.items():
                file[name].read_direct(room)

    contenders = (
        Contender(OURS, start_with(peers.savez_save, savez_read), needs="savez"),
        Contender("numpy", start_with(peers.numpy_save, numpy_read)),
        Contender("h5py", start_with(peers.h5py_save, h5py_read), needs="h5py"),
        Contender("pread(2), 2 threads", start_with(peers.raw_write, peers.raw_read_into)),
    )
    title = f"load 4 × {each // MIB} MiB of float32 into arrays that are there"
    goal = Goal("pread(2), 2 threads", 0.9)
    return Row("load-into", title, contenders, goal=goal, **{**common, "cores": 2})


def swapped(each, common):
    def make_swapped(place):
        make(each)(place)
        other_order = np.dtype("f4").newbyteorder()
        swapped = {name: array.astype(other_order) for name, array in data.weights(each).items()}
        peers.savez_save(place / "swapped.npz", swapped)

    def start_with(load):
        def start(place, path):
            # Both keep the byte order of the file.
            return lambda: {name: array.astype("f4") for name, array in load(place / "swapped.npz").items()}

        return start

    crates = ("savez", "ndarray-npy", "npyz")
    contenders = (
        Contender(OURS, start_with(peers.savez_load), needs="savez"),
        Contender("numpy", start_with(peers.numpy_load)),
        *(Contender(f"{name} (Rust)", peer=("load-swapped", name)) for name in crates),
        Contender("savez (Rust), native byte order", peer=("load", "savez")),
    )
    title = f"load 4 × {each // MIB} MiB of float32 of the other byte order into native arrays"
    return Row("load-swapped", title, contenders, **{**common, "make": make_swapped, "cores": 2})
