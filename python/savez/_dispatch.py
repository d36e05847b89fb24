"""``__array_function__`` (NEP 18) for our writers, as NumPy's have it."""

import inspect

try:
    from numpy._core.overrides import array_function_dispatch
except ImportError:  # NumPy 1
    from numpy.core.overrides import array_function_dispatch  # type: ignore[attr-defined, no-redef]


def dispatched(dispatcher):
    """Hand the call over to arguments that have ``__array_function__``."""

    def decorate(function):
        public = array_function_dispatch(dispatcher, module="savez", verify=False)(function)
        # NumPy would show the dispatcher's, with other defaults.
        public.__signature__ = inspect.signature(function)
        return public

    return decorate
