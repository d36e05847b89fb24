"""Saves several arrays, lists them with `npz`, and reads them back with savez and with plain NumPy.

    python examples/demo.py path/to/npz
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

import jax.numpy as jnp
import matplotlib
import numpy as np

import savez

NPZ = Path(sys.argv[1]).resolve()
HERE = Path(".demo")


def npz(*args):
    """Runs the command as one would type it."""
    print("$ npz", *args, flush=True)
    subprocess.run([NPZ, *map(str, args)], cwd=HERE, check=True)


def several_arrays_in_a_temporary_file():
    print("-- the example of numpy.savez, as it stands")
    outfile = TemporaryFile()
    x = np.arange(10)
    y = np.sin(x)
    savez.savez(outfile, x, y)
    _ = outfile.seek(0)
    npzfile = savez.load(outfile)
    print(npzfile.files)
    print(npzfile["arr_0"])


def arrays_of_numpy_and_jax():
    print("-- arrays of NumPy and JAX, bfloat16 among them, into one file")
    x = np.arange(10)
    weights = jnp.linspace(-1, 1, 12, dtype=jnp.bfloat16).reshape(3, 4)
    arrays = {"x": x, "y": np.sin(x), "jax": jnp.arange(6.0).reshape(2, 3), "weights": weights}
    savez.savez(HERE / "several", **arrays)
    npz("ls", "several.npz")
    npz("show", "several.npz", "y")
    npz("cat", "several.npz", "jax", "-s", ":, ::-1")

    print("-- savez.load gives every type back; plain np.load reads the same bytes, bfloat16 as void")
    with savez.load(HERE / "several.npz") as ours, np.load(HERE / "several.npz") as theirs:
        for name, array in arrays.items():
            array = np.asarray(array)
            print(f"   {name}: savez {ours[name].dtype}, numpy {theirs[name].dtype}, shape {ours[name].shape}")
            assert ours[name].dtype == array.dtype
            assert ours[name].tobytes() == theirs[name].tobytes() == array.tobytes()
    mapped = savez.load(HERE / "several.npz", mmap_mode="r")["y"]
    print(f"   mapped, not read: {type(mapped).__name__} {mapped[:3]}")


def a_real_data_file():
    print("-- a data file that comes with matplotlib: a map of a fault line")
    sample = Path(matplotlib.get_data_path()) / "sample_data" / "jacksboro_fault_dem.npz"
    npz("ls", sample)
    with savez.load(sample) as fault:
        print(fault["elevation"])
        savez.savez_compressed(HERE / "fault.npz", **fault)
    npz("ls", "fault.npz")
    with np.load(HERE / "fault.npz") as ours, np.load(sample) as theirs:
        for name in theirs:
            np.testing.assert_array_equal(ours[name], theirs[name])


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    several_arrays_in_a_temporary_file()
    arrays_of_numpy_and_jax()
    a_real_data_file()
    print("-- done: what is in", HERE, "can be played with")
