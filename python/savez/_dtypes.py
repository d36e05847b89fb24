"""NumPy's dtypes as the text that stands in an npy header, there and back.

The types of ``ml_dtypes``, which NumPy can only call void, go by their names.
"""

import ast

import numpy as np
from numpy.lib import format as numpy_format

_known: dict[str, np.dtype] = {}


def descr_of(dtype):
    """The text that the compiled part takes for a dtype. Warns as NumPy does of what it cannot hold."""
    if is_extension(dtype):
        return dtype.name
    if dtype.kind in "biufcSUMmO" and dtype.metadata is None:
        return dtype.str
    # For its warnings (metadata, new-style dtypes) and its errors (overlapping fields).
    descr = numpy_format.dtype_to_descr(dtype)
    return descr if isinstance(descr, str) else repr(_fields(numpy_format.drop_metadata(dtype)))


def is_extension(dtype):
    """Whether it is a number type that another package has registered, such as bfloat16."""
    return dtype.isbuiltin == 2 and dtype.names is None


def _fields(dtype):
    """``dtype.descr`` with the names of extension types in place of void."""
    descr, end = [], 0
    for name in dtype.names:
        field, offset, *title = dtype.fields[name]
        if offset > end:
            descr.append(("", f"|V{offset - end}"))
        end = offset + field.itemsize
        shape = ()
        if field.subdtype is not None:
            field, shape = field.subdtype
        entry = ((title[0], name) if title else name, _part(field))
        descr.append((*entry, shape) if shape else entry)
    if dtype.itemsize > end:
        descr.append(("", f"|V{dtype.itemsize - end}"))
    return descr


def _part(dtype):
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return (_part(base), shape)
    if dtype.names is not None:
        return _fields(dtype)
    return dtype.name if is_extension(dtype) else dtype.str


def dtype_of(descr, plain=None):
    """The dtype that a header means.

    ``plain`` is the same with void in place of names that NumPy does not know, if there are any: it is
    what one gets where ``ml_dtypes`` is not installed, or does not have the name.
    """
    dtype = _known.get(descr)
    if dtype is not None:
        return dtype
    if plain is None:
        dtype = _plain(descr)
    else:
        try:
            import ml_dtypes  # noqa: F401  (it registers its names with NumPy)

            dtype = _plain(descr)
        except (ImportError, TypeError):
            return _plain(plain)
    if len(_known) < 1000:
        _known[descr] = dtype
    return dtype


def _plain(descr):
    if descr.startswith(("[", "(")):
        return numpy_format.descr_to_dtype(ast.literal_eval(descr))
    return np.dtype(descr)
