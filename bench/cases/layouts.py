"""Saving arrays that do not lie in memory as they do in the file."""

import numpy as np

from .. import data, files, peers
from ..row import MIB, OURS, Contender, Row

LAYOUTS = {
    "fortran": ("in Fortran order", lambda a: np.asfortranarray(a)),
    "strided": ("of every second column", lambda a: np.repeat(a, 2, axis=1)[:, ::2]),
    "middle": ("with its axes exchanged", lambda a: a.reshape(64, 64, -1).transpose(1, 0, 2)),
    "big-endian": ("of big-endian numbers", lambda a: a.astype(">f8")),
}


def rows(quick):
    nbytes = (1 if quick else 64) * MIB
    return [row(name, nbytes) for name in LAYOUTS]


def row(name, nbytes):
    title, change = LAYOUTS[name]

    def array():
        return change(data.numbers(nbytes // 8, "f8").reshape(-1, 512))

    def by(save):
        def start(place, path):
            arrays = {"x": array()}
            return lambda: save(path, arrays)

        return start

    def check(place, path, result):
        data.same({"x": array()}, np.load(path))

    return Row(
        f"layout-{name}",
        f"save {nbytes // MIB} MiB of float64 {title}",
        (
            Contender(OURS, by(peers.savez_save), needs="savez"),
            Contender("numpy", by(peers.numpy_save)),
        ),
        amount=nbytes,
        rounds=7,
        check=check,
        before=files.removed,
        after=files.removed,
    )
