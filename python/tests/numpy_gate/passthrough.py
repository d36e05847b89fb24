"""A drop-in that must pass: NumPy's own file code, loaded a second time.

The sources of ``numpy.lib``'s input and output are run again in modules of their own, with their own functions, their
own ``NpzFile`` and their own ``format``. The result behaves as NumPy does and shares no function with it, so it tests
the gate: all items pass with it, none of NumPy's own functions is called, and what the gate breaks in it is missed.
"""

from __future__ import annotations

import importlib
import importlib.util
import types

import table


def _load_again(*names: str) -> types.ModuleType:
    """Run the first of the modules `names` that exists a second time, outside ``sys.modules``."""
    name = next(name for name in names if importlib.util.find_spec(name))
    spec = importlib.util.find_spec(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # Loading a submodule does not bind it in its package here, but leave no doubt which one NumPy holds.
    assert importlib.import_module(name) is not module
    return module


format = _load_again("numpy.lib._format_impl", "numpy.lib.format")
_npyio = _load_again("numpy.lib._npyio_impl", "numpy.lib.npyio")
_npyio.format = format

globals().update({name: getattr(_npyio, name) for name in table.TOP})
