"""Compressing arrays of several kinds, by default and at the fastest level."""

import zipfile

from .. import files, kinds, peers
from ..row import OURS, Contender, Goal, Row


def rows(quick):
    share = 64 if quick else 1
    amount = sum(array.nbytes for array in kinds.arrays(64).values()) * (1 if quick else 64)
    common = {
        "amount": amount,
        "members": True,
        "check": lambda place, path, result: check(share, path),
        "before": files.removed,
        "after": files.removed,
    }

    def row(name, title, level, goal, cores=1):
        contenders = (
            Contender(OURS, savez_at(level, share), needs="savez"),
            Contender("numpy", numpy_compressed(share)),
            Contender("zipfile, level 1", zipfile_fastest(share)),
            Contender("h5py, gzip", h5py_gzip(share), needs="h5py"),
            Contender("joblib, zlib", joblib_zlib(share), needs="joblib"),
            Contender("ndarray-npy (Rust)", peer=("compress", "ndarray-npy")),
            Contender("savez (Rust)", peer=("compress", "savez")),
        )
        if level == 1:
            contenders = contenders[:3]
        return Row(
            name,
            f"compress {len(kinds.KINDS)} kinds of arrays, {title}",
            contenders,
            cores=cores,
            goal=goal,
            make=lambda place: peers.numpy_save(place / "input.npz", kinds.arrays(share)),
            **common,
        )

    return [
        row("compress", "default level", None, Goal("numpy", 6, no_larger=1)),
        row("compress-2", "default level", None, Goal("numpy", 11, no_larger=1), cores=2),
        row("compress-fast", "level 1", 1, Goal("numpy", 15, no_larger=1.05)),
        row("compress-fast-2", "level 1", 1, None, cores=2),
    ]


def savez_at(level, share):
    def start(place, path):
        import savez

        arrays = kinds.arrays(share)
        if level is None:
            return lambda: savez.savez_compressed(path, **arrays)
        return lambda: savez.write(path, arrays, compression="deflate", level=level)

    return start


def numpy_compressed(share):
    def start(place, path):
        import numpy as np

        arrays = kinds.arrays(share)
        return lambda: np.savez_compressed(path, **arrays)

    return start


def zipfile_fastest(share):
    """What NumPy does, at a level that it does not offer."""

    def start(place, path):
        from numpy.lib import format

        arrays = kinds.arrays(share)

        def work():
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                for name, array in arrays.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                        format.write_array(member, array)

        return work

    return start


def h5py_gzip(share):
    def start(place, path):
        import h5py

        arrays = kinds.arrays(share)

        def work():
            with h5py.File(path, "w") as file:
                for name, array in arrays.items():
                    file.create_dataset(name, data=array, compression="gzip", compression_opts=6)

        return work

    return start


def joblib_zlib(share):
    def start(place, path):
        import joblib

        arrays = kinds.arrays(share)
        return lambda: joblib.dump(arrays, path, compress=("zlib", 6))

    return start


def check(share, path):
    import numpy as np

    from .. import data

    if zipfile.is_zipfile(path):
        with np.load(path) as loaded:
            data.same(kinds.arrays(share), loaded)
    else:
        assert path.stat().st_size > 0
