"""One per cent of the rows of a large array: time, and the bytes read from the file."""

import numpy as np

from .. import data
from ..row import MIB, OURS, Contender, Goal, Row


def rows(quick):
    nbytes = (1 if quick else 64) * MIB
    return [row(compressed, nbytes) for compressed in (True, False)]


def row(compressed, nbytes):
    kind = "compressed" if compressed else "stored"
    columns = 64
    count = nbytes // 8 // columns
    some = slice(count * 7 // 10, count * 7 // 10 + count // 100)

    def array():
        return np.round(data.numbers(nbytes // 8, "f8"), 3).reshape(count, columns)

    def make(place):
        import savez

        savez.write(place / "one.npz", {"x": array()}, compression="deflate" if compressed else None)

    def check(place, path, result):
        data.same({"x": array()[some]}, {"x": result})

    return Row(
        f"part-{kind}",
        f"read 1 % of the rows of {nbytes // MIB} MiB, {kind}",
        (
            Contender(OURS, lambda place, path: lambda: savez_part(place / "one.npz", some), needs="savez"),
            Contender("numpy", lambda place, path: lambda: numpy_part(place / "one.npz", some)),
        ),
        amount=1,
        unit="calls",
        make=make,
        check=check,
        rounds=7,
        goal=Goal(against="numpy", share_read=0.03),
    )


def savez_part(path, some):
    import savez

    with savez.open(path) as archive:
        return archive["x"][some]


def numpy_part(path, some):
    with np.load(path) as archive:
        return archive["x"][some].copy()
