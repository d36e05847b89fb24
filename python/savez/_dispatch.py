"""``__array_function__`` for our writers (NEP 18) and for ``like=`` (NEP 35), as NumPy's have it."""

import inspect

try:
    from numpy._core.overrides import array_function_dispatch, finalize_array_function_like
except ImportError:  # NumPy 1
    from numpy.core.overrides import (  # type: ignore[attr-defined, no-redef]
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


def with_like(function):
    """Note that the function takes ``like=``; give what hands a call over to it."""
    finalize_array_function_like(function)
    return array_function_dispatch()(function)
