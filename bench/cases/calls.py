"""What a call costs beside the bytes: one array of 100 numbers."""

import os

import numpy as np

from .. import data, files, peers
from ..row import OURS, Contender, Goal, Row

LIBRARIES = ("savez", "numpy", "safetensors", "h5py", "joblib", "pickle")
COUNT = 100


def rows(quick):
    repeat = 10 if quick else 300
    common = {"amount": 1, "unit": "calls", "repeat": repeat, "memory": True, "rounds": 9}
    return [
        Row(
            "call-save-npy",
            "save an npy file of 100 numbers",
            (
                Contender(OURS, save_npy_by("savez"), needs="savez"),
                Contender("numpy", save_npy_by("numpy")),
                Contender("open, write, rename", start_save(raw_replace)),
            ),
            suffix=".npy",
            check=check_npy,
            goal=Goal("open, write, rename", 0.5),
            **common,
        ),
        Row(
            "call-load-npy",
            "load an npy file of 100 numbers",
            (
                Contender(OURS, load_npy_by("savez"), needs="savez"),
                Contender("numpy", load_npy_by("numpy")),
                Contender("open, read", load_raw),
            ),
            suffix=".npy",
            **common,
        ),
        Row(
            "call-save-npz",
            "save an archive of one array of 100 numbers",
            (
                *(
                    Contender(n, start_save(peers.LIBRARIES[n][0]), needs=peers.LIBRARIES[n][2])
                    for n in LIBRARIES
                ),
                Contender("open, write, rename", start_save(raw_replace)),
            ),
            before=files.removed,
            **common,
        ),
        Row(
            "call-load-npz",
            "load an archive of one array of 100 numbers",
            (
                *(Contender(n, start_load(n), needs=peers.LIBRARIES[n][2]) for n in LIBRARIES),
                Contender("open, read", load_raw),
            ),
            **common,
        ),
    ]


def arrays():
    return {"x": data.numbers(COUNT, "f8")}


def start_save(save):
    def start(place, path):
        what = arrays()
        return lambda: save(path, what)

    return start


def start_load(name):
    save, load, _ = peers.LIBRARIES[name]

    def start(place, path):
        save(path, arrays())
        return lambda: load(path)

    return start


def save_npy_by(module):
    def start(place, path):
        save, array = __import__(module).save, arrays()["x"]
        return lambda: save(path, array)

    return start


def load_npy_by(module):
    def start(place, path):
        np.save(path, arrays()["x"])
        load = __import__(module).load
        return lambda: load(path)

    return start


def raw_replace(path, arrays):
    temporary = f"{path}.tmp"
    peers.raw_write(temporary, arrays)
    os.rename(temporary, path)


def load_raw(place, path):
    peers.raw_write(path, arrays())
    return lambda: peers.raw_read(path)


def check_npy(place, path, result):
    if path.stem in ("savez", "numpy"):
        data.same(arrays(), {"x": np.load(path)})
