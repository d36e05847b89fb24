"""``__array_function__`` for our writers (NEP 18) and for ``like=`` (NEP 35), as NumPy's have it."""

import functools
import inspect
import types

import numpy as np

from . import _savez

try:
    from numpy._core.overrides import (  # type: ignore[attr-defined]
        ARRAY_FUNCTIONS,
        _get_implementing_args,
        array_function_dispatch,
        finalize_array_function_like,
    )
except ImportError:  # NumPy 1
    from numpy.core.overrides import (  # type: ignore[attr-defined, no-redef]
        ARRAY_FUNCTIONS,
        _get_implementing_args,
        array_function_dispatch,
    )
    from numpy.core.overrides import (  # type: ignore[attr-defined, no-redef]
        set_array_function_like_doc as finalize_array_function_like,
    )


def dispatched(dispatcher):
    """Hand the call over to arguments that have ``__array_function__``."""

    def decorate(function):
        public = array_function_dispatch(dispatcher, module="savez", verify=False)(function)
        # NumPy would show the dispatcher's, with other defaults.
        public.__signature__ = inspect.signature(function)
        return public

    return decorate


class ByKeyword:
    """
    The public function that saves arrays given by position and by keyword, made of one that takes all at once.

    NumPy's dispatcher, like any function of Python's, is handed keywords one by one and collects them in a dict
    again: of a million arrays, a third of the time to save them. Here they stay in the dict of the call.

    Parameters
    ----------
    write : callable
        Takes the file, a tuple and a dict of arrays, neither to be changed, and whether pickles are allowed.
    """

    def __init__(self, write):
        functools.update_wrapper(self, write)
        self.__module__ = "savez"
        self._write = write
        self._arguments = _arguments(write.__name__)
        self.__signature__ = inspect.signature(self._arguments)
        self._call = _savez.taking_all(self._take)
        ARRAY_FUNCTIONS.add(self)

    # A method of Python's would have the keywords copied.
    @property
    def __call__(self):
        return self._call

    def __get__(self, instance, owner=None):
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self):
        return self.__name__

    def __repr__(self):
        return f"<function {self.__name__}>"

    def _implementation(self, /, *args, **kwds):
        """By this name `numpy.ndarray.__array_function__` does what was to be done."""
        return self._write(*self._arguments(*args, **kwds))

    def _take(self, args, kwds):
        all_names = {*map(type, kwds)} <= {str} and "file" not in kwds and "allow_pickle" not in kwds
        if args and all_names:
            return self._ask(args[0], args[1:], kwds, True)
        return self._ask(*self._arguments(*args, **kwds))

    def _ask(self, file, args, kwds, allow_pickle):
        """Write, unless an argument has its own way."""
        if not _overridden({*map(type, args), *map(type, kwds.values())}):
            return self._write(file, args, kwds, allow_pickle)
        asked = _get_implementing_args([*args, *kwds.values()])
        kinds = tuple(map(type, asked))
        keywords = kwds if allow_pickle is True else {"allow_pickle": allow_pickle, **kwds}
        for argument in asked:
            answer = type(argument).__array_function__(argument, self, kinds, (file, *args), keywords)
            if answer is not NotImplemented:
                return answer
        raise TypeError(
            f"no implementation found for 'savez.{self.__name__}' on types that implement __array_function__: {[*kinds]}"
        )


def _arguments(name):
    """The parameters, told apart by Python, whose errors speak of a function of that name."""

    def arguments(file, *args, allow_pickle=True, **kwds):
        return file, args, kwds, allow_pickle

    arguments.__qualname__ = name
    return arguments


def _overridden(kinds):
    """Whether arguments of these types are to be asked."""
    of_arrays = np.ndarray.__array_function__
    return any(getattr(kind, "__array_function__", of_arrays) is not of_arrays for kind in kinds)


def with_like(function):
    """Note that the function takes ``like=``; give what hands a call over to it."""
    finalize_array_function_like(function)
    return array_function_dispatch()(function)
