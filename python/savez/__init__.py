"""NumPy's npz and npy files, safely and fast: a drop-in for ``numpy.savez``, ``save``, ``load`` and kin.

Replace ``np.`` by ``savez.`` and everything still works; or call `patch_numpy` and change nothing. New
beside what NumPy has: `write` and `patch_numpy`.
"""

from numpy import fromregex, genfromtxt, loadtxt, savetxt

from . import format
from ._errors import (
    CorruptError,
    Error,
    FormatError,
    LimitError,
    MaskedArrayError,
    MissingMemberError,
    NotAnArrayError,
    ParameterError,
    PythonObjectsError,
    UnsupportedError,
)
from ._load import NpzFile, load
from ._patch import patch_numpy
from ._save import save, savez, savez_compressed, write
from ._savez import __version__

__all__ = [
    "CorruptError",
    "Error",
    "FormatError",
    "LimitError",
    "MaskedArrayError",
    "MissingMemberError",
    "NotAnArrayError",
    "NpzFile",
    "ParameterError",
    "PythonObjectsError",
    "UnsupportedError",
    "__version__",
    "format",
    "fromregex",
    "genfromtxt",
    "load",
    "loadtxt",
    "patch_numpy",
    "save",
    "savetxt",
    "savez",
    "savez_compressed",
    "write",
]
