"""Our functions in NumPy's place, for code that cannot be changed."""

import contextlib
import sys

import numpy as np

_NAMES = ("save", "savez", "savez_compressed", "load", "savetxt", "loadtxt")


def patch_numpy():
    """
    Put `save`, `savez`, `savez_compressed`, `load`, `savetxt` and `loadtxt` into ``numpy``, and into ``jax.numpy`` if
    imported.

    ``jax.numpy.load`` is left alone: it makes JAX arrays. Names that other modules have taken from NumPy
    before (``from numpy import load``) stay as they were.

    Returns
    -------
    undo : context manager
        Its exit, or its method ``close``, puts the originals back.

    Examples
    --------
    >>> import numpy as np, savez
    >>> with savez.patch_numpy():
    ...     np.savez is savez.savez
    True
    >>> np.savez is savez.savez
    False
    """
    ours = sys.modules["savez"]
    stack = contextlib.ExitStack()
    for name in _NAMES:
        _put(stack, np, name, getattr(ours, name))
    jax_numpy = sys.modules.get("jax.numpy")
    if jax_numpy is not None:
        for name in ("save", "savez"):
            _put(stack, jax_numpy, name, getattr(ours, name))
    return stack


def _put(stack, module, name, value):
    stack.callback(setattr, module, name, getattr(module, name))
    setattr(module, name, value)
