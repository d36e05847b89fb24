"""``__array_function__`` (NEP 18) for our writers, as NumPy's have it."""

try:
    from numpy._core.overrides import array_function_dispatch
except ImportError:  # NumPy 1
    from numpy.core.overrides import array_function_dispatch


def dispatched(dispatcher):
    """Hand the call over to arguments that have ``__array_function__``."""
    return array_function_dispatch(dispatcher, module="savez", verify=False)
