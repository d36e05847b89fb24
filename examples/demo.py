"""Saves several arrays, lists them with `npz`, and reads them back with plain NumPy.

    python examples/demo.py path/to/npz
"""

import subprocess
import sys
from pathlib import Path

import jax.numpy as jnp
import matplotlib
import numpy as np

NPZ = Path(sys.argv[1]).resolve()
HERE = Path(".demo")


def npz(*args):
    """Runs the command as one would type it."""
    print("$ npz", *args, flush=True)
    subprocess.run([NPZ, *map(str, args)], cwd=HERE, check=True)


def main():
    HERE.mkdir(exist_ok=True)

    print("-- arrays of NumPy and JAX, each in a file of its own")
    x = np.arange(10)
    weights = jnp.linspace(-1, 1, 12, dtype=jnp.bfloat16).reshape(3, 4)
    arrays = {"x": x, "y": np.sin(x), "jax": jnp.arange(6.0).reshape(2, 3), "weights": np.asarray(weights)}
    for name, array in arrays.items():
        np.save(HERE / f"{name}.npy", array)

    print("-- several arrays into one archive")
    npz("pack", "several.npz", *(f"{name}={name}.npy" for name in arrays))
    npz("ls", "several.npz")
    npz("show", "several.npz", "y")
    npz("cat", "several.npz", "jax", "-s", ":, ::-1")

    print("-- plain np.load reads it, with the same values")
    with np.load(HERE / "several.npz") as loaded:
        print(loaded)
        for name, array in arrays.items():
            same = loaded[name].tobytes() == np.asarray(array).tobytes()
            print(f"   {name}: {loaded[name].dtype} {loaded[name].shape}", "the same" if same else "DIFFERENT")
            assert same, name

    print("-- a data file that comes with matplotlib: a map of a fault line")
    sample = Path(matplotlib.get_data_path()) / "sample_data" / "jacksboro_fault_dem.npz"
    npz("ls", sample)
    npz("show", sample, "elevation")
    npz("extract", sample, "-o", "fault")
    npz("pack", "fault.npz", "elevation=fault/elevation.npy", "--compress")
    npz("ls", "fault.npz")
    with np.load(HERE / "fault.npz") as ours, np.load(sample) as theirs:
        np.testing.assert_array_equal(ours["elevation"], theirs["elevation"])
    print("-- done: what is in", HERE, "can be played with")


if __name__ == "__main__":
    main()
