"""The machine, its system, and the versions of what was measured: what figures mean nothing without."""

import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path

PACKAGES = (
    *("numpy", "safetensors", "h5py", "zarr", "joblib", "pandas", "polars", "pyarrow", "jax"),
    *("zlib-rs", "deflate", "isal", "zstandard", "blosc2"),
)
CRATES = ("ndarray-npy", "npyz", "safetensors")


def described(disk, memory):
    """
    What there is to say of the machine.

    Parameters
    ----------
    disk, memory : path-like
        The directories in which files are written.
    """
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "kernel": platform.release(),
        "huge_pages": _chosen("/sys/kernel/mm/transparent_hugepage/enabled"),
        "disk": _file_system(disk),
        "tmpfs": _file_system(memory),
        "python": platform.python_version(),
        "commit": _commit(),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "crates": _crates(),
    }


def load_average():
    """How many processes wanted to run in the last minute, ours among them."""
    return os.getloadavg()[0]


def text(machine):
    """The same in two lines."""
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    crates = ", ".join(f"{name} {version}" for name, version in machine["crates"].items())
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory'] / 2**30:.0f} GiB, Linux "
        f"{machine['kernel']}, {machine['disk']}; savez at {machine['commit']}, {machine['date']}.\n"
        f"Python {machine['python']} with {packages}; crates {crates}."
    )


def _processor():
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor()
    names = re.findall(r"^model name\s*: (.*)$", text, re.MULTILINE)
    return names[0] if names else platform.machine()


def _chosen(path):
    """The word in brackets of a file in which the kernel lists its choices."""
    try:
        chosen = re.search(r"\[(\w+)\]", Path(path).read_text())
    except OSError:
        return "unknown"
    return chosen[1] if chosen else "unknown"


def _file_system(path):
    """The type of the file system that a directory is on."""
    done = subprocess.run(["df", "--output=fstype", str(path)], capture_output=True, text=True)
    return done.stdout.split()[-1] if done.returncode == 0 else "unknown"


def _commit():
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or "unknown"


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _crates():
    lock = Path(__file__).parent / "peers/Cargo.lock"
    if not lock.exists():
        return {}
    packages = re.findall(r'name = "(.*)"\nversion = "(.*)"', lock.read_text())
    return {name: version for name, version in packages if name in CRATES}
