"""NumPy's `loadtxt`: plain tables are read by the compiled part, all others by NumPy itself.

The compiled part reads to what NumPy would read to, or not at all. Then NumPy reads the same input from
its start, and says what is wrong with it, if anything is.
"""

import codecs
import collections
import importlib
import inspect
import io
import math
import os

import numpy as np

from . import _savez
from ._dispatch import with_like

try:
    from numpy.lib._npyio_impl import _ensure_ndmin_ndarray, _read  # type: ignore[attr-defined]
except ImportError:  # NumPy 1
    from numpy.lib.npyio import (  # type: ignore[attr-defined, no-redef]
        _ensure_ndmin_ndarray,
        _read,
    )

#: How many tables were read by whom: ``"savez"``, ``"numpy"``.
read_by: collections.Counter[str] = collections.Counter()

#: File objects that give bytes and can be read again from where they stood.
_BINARY = (io.BytesIO, io.BufferedReader, io.BufferedRandom)
_TEXT = (io.StringIO, io.TextIOWrapper)

#: The same, of modules that are not loaded for their sake.
_PACKED = {("gzip", "GzipFile"), ("bz2", "BZ2File"), ("lzma", "LZMAFile")}

#: Modules that open what NumPy unpacks, by the extensions of the files.
_UNPACK = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma", ".lzma": "lzma"}

#: Sub-arrays of more are NumPy's to read.
_MAX_COLUMNS = 100_000

#: NumPy 1 has another.
_DEFAULT_ENCODING = inspect.signature(np.loadtxt).parameters["encoding"].default

#: Encodings that the compiled part knows, by their names in `codecs`.
_ENCODINGS = ("utf-8", "ascii", "iso8859-1")


def loadtxt(
    fname,
    dtype=float,
    comments="#",
    delimiter=None,
    converters=None,
    skiprows=0,
    usecols=None,
    unpack=False,
    ndmin=0,
    encoding=_DEFAULT_ENCODING,
    max_rows=None,
    *,
    quotechar=None,
    like=None,
):
    """
    Load an array from text.

    The same as `numpy.loadtxt`, faster where the text is a plain table: numbers, bools or texts of a fixed
    length, in a file or an open file.

    Parameters
    ----------
    fname : file object, str, path-like, list of str, generator
        Files with the extensions ``.gz``, ``.bz2``, ``.xz`` and ``.lzma`` are unpacked. Items of a list or
        generator are lines.
    dtype : data-type, optional
        If it has fields, each row is an element, with a column for each field.
    comments : str, sequence of str or None, optional
        What begins a comment.
    delimiter : str, optional
        The character between columns; white space by default.
    converters : dict or callable, optional
        Functions from text to value, by column, or one for all.
    skiprows : int, optional
        How many lines to leave out at the start, comments counted.
    usecols : int or sequence of int, optional
        The columns to read, from 0.
    unpack : bool, optional
        Whether to return the columns: the array transposed, or a list of fields.
    ndmin : {0, 1, 2}, optional
        How many axes the array has at least; others of length 1 are dropped.
    encoding : str, optional
        The encoding of the file.
    max_rows : int, optional
        How many rows to read at most, lines without data not counted.
    quotechar : str or None, optional
        The character around columns that hold delimiters.
    like : array_like, optional
        An object whose ``__array_function__`` makes the array.

    Returns
    -------
    ndarray

    See Also
    --------
    numpy.loadtxt : has examples of everything.

    Examples
    --------
    >>> from io import StringIO
    >>> import savez
    >>> savez.loadtxt(StringIO("0 1\\n2 3"))
    array([[0., 1.],
           [2., 3.]])
    >>> x, y = savez.loadtxt(StringIO("1,0,2\\n3,0,4"), delimiter=",", usecols=(0, 2), unpack=True)
    >>> x
    array([1., 3.])
    """
    if like is not None:
        return _loadtxt_with_like(
            like,
            fname,
            dtype=dtype,
            comments=comments,
            delimiter=delimiter,
            converters=converters,
            skiprows=skiprows,
            usecols=usecols,
            unpack=unpack,
            ndmin=ndmin,
            encoding=encoding,
            max_rows=max_rows,
        )
    if dtype is None:
        dtype = np.float64
    if isinstance(comments, (str, bytes)):
        comments = [comments]
    if comments is not None:
        comments = [_decoded(comment) for comment in comments]
    delimiter = _decoded(delimiter)
    if converters is None and ndmin in (0, 1, 2):
        array = _read_plain(
            fname, dtype, comments, delimiter, quotechar, encoding, usecols, skiprows, max_rows
        )
        if array is not None:
            read_by["savez"] += 1
            array = _ensure_ndmin_ndarray(array, ndmin=ndmin)
            if not unpack:
                return array
            names = array.dtype.names
            return array.T if names is None else [array[name] for name in names]
    read_by["numpy"] += 1
    # Called from here, warnings point to our caller.
    return _read(
        fname,
        dtype=dtype,
        comment=comments,
        delimiter=delimiter,
        converters=converters,
        skiplines=skiprows,
        usecols=usecols,
        unpack=unpack,
        ndmin=ndmin,
        encoding=encoding,
        max_rows=max_rows,
        quote=quotechar,
    )


_loadtxt_with_like = with_like(loadtxt)


def _decoded(text):
    return text.decode("latin1") if isinstance(text, bytes) else text


def _read_plain(fname, dtype, comments, delimiter, quotechar, encoding, usecols, skiprows, max_rows):
    """The array, of two axes or one of records; None if it is for NumPy to read."""
    dialect = _dialect(comments, delimiter, quotechar)
    if dialect is None or not _is_count(skiprows) or not (max_rows is None or _is_count(max_rows)):
        return None
    try:
        dtype = np.dtype(dtype)
        columns = _columns(dtype)
    except (TypeError, ValueError):
        return None
    if dtype.subdtype is not None or not columns:
        return None
    if usecols is not None:
        usecols = _usecols(usecols)
        if usecols is None or (dtype.names is not None and len(usecols) != len(columns)):
            return None
    options = {
        "is_record": dtype.names is not None,
        "usecols": usecols,
        "skiprows": skiprows,
        "max_rows": max_rows,
        **dialect,
    }
    return _read_source(fname, None if encoding == "bytes" else encoding, dtype, columns, options)


def _read_source(fname, encoding, dtype, columns, options):
    if isinstance(fname, os.PathLike):
        fname = os.fspath(fname)
    if isinstance(fname, str):
        return _read_path(fname, encoding, dtype, columns, options)
    kind = type(fname)
    if kind in _BINARY or (kind.__module__, kind.__name__) in _PACKED:
        encoding = _encoding(encoding or getattr(fname, "encoding", "latin1"))
        return encoding and _read_binary(fname, encoding, dtype, columns, options)
    if kind in _TEXT and options["max_rows"] is None:
        return _read_text(fname, dtype, columns, options)
    return None


def _read_path(path, encoding, dtype, columns, options):
    if not encoding:
        import locale

        encoding = locale.getpreferredencoding(False)
    encoding = _encoding(encoding)
    # What is no file may be a URL to NumPy, or be there with another extension.
    if encoding is None or not os.path.isfile(path):
        return None
    options = {"encoding": encoding, "any_line_end": True, **options}
    unpack = _UNPACK.get(os.path.splitext(path)[1])
    if unpack is None:
        found = _savez.read_table(path, dtype, columns, is_path=True, **options)
    else:
        with importlib.import_module(unpack).open(path) as file:
            found = _savez.read_table(file, dtype, columns, is_path=False, **options)
    return _accepted(found, options)


def _read_binary(file, encoding, dtype, columns, options):
    options = {"encoding": encoding, "any_line_end": False, **options}
    try:
        start = file.tell()
        file.seek(start)
    except (OSError, ValueError):
        return None
    found = _savez.read_table(file, dtype, columns, is_path=False, **options)
    array = _accepted(found, options)
    if array is None:
        file.seek(start)
    elif options["max_rows"] is not None:
        file.seek(start + found[1])
    return array


def _read_text(file, dtype, columns, options):
    options = {"encoding": "utf-8", "any_line_end": False, **options}
    try:
        start = file.tell()
        file.seek(start)
    except (OSError, ValueError):
        return None
    found = _savez.read_table(file, dtype, columns, is_path=False, **options)
    array = _accepted(found, options)
    if array is None or (type(file) is io.TextIOWrapper and not _has_plain_lines(file)):
        file.seek(start)
        return None
    return array


def _has_plain_lines(file):
    """Whether lines end with a newline, also where one has ended with more."""
    # None if the file was opened with line ends of its own.
    seen = file.newlines
    return seen is not None and "\r" not in (seen if isinstance(seen, tuple) else (seen,))


def _accepted(found, options):
    """The array, unless NumPy would warn of a blank line, or may have stumbled over what follows."""
    if found is None:
        return None
    array, _, has_blank, is_ascii_behind = found
    if options["max_rows"] is not None and (has_blank or not is_ascii_behind):
        return None
    return array


def _dialect(comments, delimiter, quotechar):
    """What the compiled part takes for comments, delimiter and quotes; None if they are unusual."""
    characters = [character for character in (delimiter, quotechar) if character is not None]
    for character in characters:
        if type(character) is not str or len(character) != 1 or not character.isascii():
            return None
    comments = comments or []
    if not all(type(comment) is str and comment and comment.isascii() for comment in comments):
        return None
    is_simple = len(comments) <= 1 and all(len(comment) == 1 for comment in comments)
    if is_simple:
        characters += comments
    elif quotechar is not None or delimiter in comments:
        return None
    # NumPy's words for characters that cannot go together.
    if len(set(characters)) < len(characters) or any(character in "\r\n" for character in characters):
        return None
    if delimiter is None and any(character.isspace() for character in characters):
        return None
    # A comment in which a line ends, or by which columns are parted, is NumPy's to make sense of.
    if any(character in comment for comment in comments for character in "\r\n"):
        return None
    return {
        "delimiter": None if delimiter is None else ord(delimiter),
        "comments": [comment.encode() for comment in comments],
        "quote": None if quotechar is None else ord(quotechar),
    }


def _is_count(value):
    return (type(value) is int or isinstance(value, np.integer)) and 0 <= value < 2**62


def _usecols(usecols):
    """The columns as a list; None if they are unusual, or could not be listed once more."""
    if isinstance(usecols, (int, np.integer)):
        usecols = [usecols]
    if not isinstance(usecols, (list, tuple, range, np.ndarray)):
        return None
    are_plain = all(type(column) is int or isinstance(column, np.integer) for column in usecols)
    if not len(usecols) or not are_plain or not all(-(2**31) <= column < 2**31 for column in usecols):
        return None
    return [int(column) for column in usecols]


def _columns(dtype, offset=0):
    """Kind, size, offset and whether swapped of each column that the dtype wants."""
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        if math.prod(shape) > _MAX_COLUMNS:
            raise ValueError("for NumPy to read")
        starts = (offset + i * base.itemsize for i in range(math.prod(shape)))
        return [column for start in starts for column in _columns(base, start)]
    if dtype.names is not None:
        fields = (dtype.fields[name] for name in dtype.names)
        return [column for field in fields for column in _columns(field[0], offset + field[1])]
    is_number = dtype.kind in "biufc" and dtype.itemsize <= (16 if dtype.kind == "c" else 8)
    is_text = dtype.kind in "SU" and dtype.itemsize > 0
    if dtype.isbuiltin == 2 or not (is_number or is_text):
        raise ValueError("for NumPy to read")
    return [(dtype.kind, dtype.itemsize, offset, not dtype.isnative)]


def _encoding(name):
    """The encoding's name in `codecs`, if it is one that the compiled part knows."""
    try:
        name = codecs.lookup(name).name
    except (LookupError, TypeError):
        return None
    return name if name in _ENCODINGS else None
