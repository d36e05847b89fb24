"""NumPy's npz and npy files, safely and fast: a drop-in for ``numpy.savez``, ``save``, ``load`` and kin.

Replace ``np.`` by ``savez.`` and everything still works; or call `patch_numpy` and change nothing. New
beside what NumPy has: `write`, `append`, `repack`, `open` and `patch_numpy`, and progress bars in `savez.progress`.
"""

from numpy import fromregex, genfromtxt

from . import format, progress
from ._archive import Archive, LazyArray, open
from ._errors import (
    Error,
    LimitError,
    MaskedArrayError,
    MissingMemberError,
    NotAnArrayError,
    ParameterError,
    PythonObjectsError,
    UnsupportedError,
)
from ._load import NpzFile, load
from ._loadtxt import loadtxt
from ._patch import patch_numpy
from ._save import append, repack, save, savez, savez_compressed, write
from ._savetxt import savetxt
from ._savez import __version__

__all__ = [
    "Archive",
    "CorruptError",
    "Error",
    "FormatError",
    "LazyArray",
    "LimitError",
    "MaskedArrayError",
    "MissingMemberError",
    "NotAnArrayError",
    "NpzFile",
    "ParameterError",
    "PythonObjectsError",
    "UnsupportedError",
    "__version__",
    "append",
    "format",
    "fromregex",
    "genfromtxt",
    "load",
    "loadtxt",
    "open",
    "patch_numpy",
    "progress",
    "repack",
    "save",
    "savetxt",
    "savez",
    "savez_compressed",
    "write",
]


def __getattr__(name):
    if name in ("CorruptError", "FormatError"):
        from . import _bad_zip

        return getattr(_bad_zip, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__
