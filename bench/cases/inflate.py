"""Loading compressed archives: those NumPy wrote and those we wrote."""

from .. import data, kinds, peers
from ..row import OURS, Contender, Goal, Row


def rows(quick):
    share = 64 if quick else 1
    return [row(*which, share) for which in WHICH]


WHICH = (
    ("numpys", "NumPy wrote", 1, None),
    ("numpys-2", "NumPy wrote", 2, Goal("numpy", 2.4)),
    ("ours", "we wrote", 1, None),
    ("ours-2", "we wrote", 2, Goal("numpy", 5)),
)


def row(name, who, cores, goal, share):
    def load_by(load):
        return lambda place, path: lambda: load(place / "input.npz")

    def make(place):
        import numpy as np

        import savez

        save = np.savez_compressed if name.startswith("numpys") else savez.savez_compressed
        save(place / "input.npz", **kinds.arrays(share))

    return Row(
        f"inflate-{name}",
        f"load {len(kinds.KINDS)} kinds of compressed arrays that {who}",
        (
            Contender(OURS, load_by(peers.savez_load), needs="savez"),
            Contender("numpy", load_by(peers.numpy_load)),
            Contender("savez (Rust)", peer=("inflate", "savez")),
            Contender("ndarray-npy (Rust)", peer=("inflate", "ndarray-npy")),
        ),
        amount=sum(array.nbytes for array in kinds.arrays(64).values()) * 64 // share,
        make=make,
        check=lambda place, path, result: data.same(kinds.arrays(share), result),
        cores=cores,
        goal=goal,
    )
