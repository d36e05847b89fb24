"""Saving 256 MiB of float32 in four arrays: to a new file, over an old one, in memory, to a file object."""

import pickle

from .. import data, files, peers
from ..row import MIB, OURS, Contender, Goal, Row

FEW = ("savez", "numpy", "safetensors")
RUST = ("savez", "ndarray-npy", "npyz", "safetensors")


def rows(quick):
    each = MIB if quick else 64 * MIB
    common = {"amount": 4 * each, "rounds": 7}

    def row(name, title, libraries, crates=(), **more):
        return Row(
            f"save-{name}",
            f"save 4 × {each // MIB} MiB of float32 {title}",
            (
                *(library(name, each) for name in libraries),
                raw(each),
                *(crate(name, each) for name in crates),
            ),
            **{"check": check(each), **common, **more},
        )

    everyone = tuple(peers.LIBRARIES)
    new = {"before": files.removed, "after": files.removed, "goal": Goal("write(2)", 0.95)}
    old = {"after": files.settled}
    return [
        row("new", "to a new file", everyone, RUST, **new),
        row("new-2", "to a new file", FEW, RUST[:1], cores=2, **new),
        row("over", "over an old file", everyone, **old),
        row("tmpfs", "to a new file", FEW, RUST[:1], memory=True, **new),
        row("tmpfs-2", "to a new file", FEW, memory=True, cores=2, **new),
        file_objects(each, common),
    ]


def library(name, each):
    save, _, needs = peers.LIBRARIES[name]

    def start(place, path):
        arrays = data.weights(each)
        return lambda: save(path, arrays)

    return Contender(name, start, needs=needs)


def crate(name, each):
    return Contender(f"{name} (Rust)", peer=("save", name, str(each)))


def raw(each):
    def start(place, path):
        arrays = data.weights(each)
        return lambda: peers.raw_write(path, arrays)

    return Contender("write(2)", start)


def check(each):
    """That what was saved loads again; for the raw bytes, that there are as many."""

    def check(place, path, result):
        if path.stem in peers.LIBRARIES:
            data.same(data.weights(each), peers.LIBRARIES[path.stem][1](path))
        else:
            assert path.stat().st_size == 4 * each

    return check


def file_objects(each, common):
    def into(save):
        def start(place, path):
            arrays = data.weights(each)

            def work():
                with open(path, "wb") as file:
                    save(file, arrays)

            return work

        return start

    contenders = (
        Contender(OURS, into(peers.savez_save), needs="savez"),
        Contender("numpy", into(peers.numpy_save)),
        Contender("joblib", into(peers.joblib_save), needs="joblib"),
        Contender("pickle", into(lambda file, arrays: pickle.dump(arrays, file, protocol=5))),
        raw(each),
    )
    return Row(
        "save-object",
        f"save 4 × {each // MIB} MiB of float32 to an open file object",
        contenders,
        check=check(each),
        before=files.removed,
        after=files.removed,
        **common,
    )
