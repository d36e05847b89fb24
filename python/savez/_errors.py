"""What goes wrong, each kind a subclass of what NumPy raises in its place; two more in `_bad_zip`."""


class Error(Exception):
    """Anything that savez itself finds wrong. The message names the file, the member and the cause."""

    __module__ = "savez"


class NotAnArrayError(Error, ValueError):
    """What was taken for an array is something else."""

    __module__ = "savez"


class UnsupportedError(Error, NotImplementedError, ValueError):
    """The file is valid but uses something that savez does not read."""

    __module__ = "savez"


class PythonObjectsError(Error, ValueError):
    """The array holds Python objects, and pickles are not allowed."""

    __module__ = "savez"


class LimitError(Error, ValueError):
    """The file asks for more than it may."""

    __module__ = "savez"


class MissingMemberError(Error, KeyError):
    """There is no member of that name."""

    __module__ = "savez"

    # A KeyError shows the repr of its argument, which suits keys and not sentences.
    __str__ = Exception.__str__


class ParameterError(Error, ValueError):
    """An argument is wrong."""

    __module__ = "savez"


class MaskedArrayError(Error, NotImplementedError):
    """A masked array would lose its mask."""

    __module__ = "savez"
