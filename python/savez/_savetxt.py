"""Tables of text: NumPy's `savetxt`.

The numbers are formatted by the compiled part. What only Python can format is formatted here, as NumPy
does it: objects, dates, long doubles, formats that take their width from a column.
"""

import codecs
import contextlib
import io
import itertools
import os
import sys

import numpy as np

from . import _savez
from ._dispatch import dispatched
from ._dtypes import descr_of, is_extension
from ._inputs import as_array

_IS_NUMPY1 = np.lib.NumpyVersion(np.__version__) < "2.0.0"

#: Rows written so far, by who formatted them.
rows_written = {"compiled": 0, "python": 0}

_COMPRESSED = (".gz", ".bz2", ".xz", ".lzma")

#: Those in which ASCII is ASCII and text is encoded a piece at a time.
_PLAIN_CODECS = ("utf-8", "ascii", "iso8859-1")


def _savetxt_dispatcher(
    fname,
    X,
    fmt=None,
    delimiter=None,
    newline=None,
    header=None,
    footer=None,
    comments=None,
    encoding=None,
):
    return (X,)


@dispatched(_savetxt_dispatcher)
def savetxt(
    fname, X, fmt="%.18e", delimiter=" ", newline="\n", header="", footer="", comments="# ", encoding=None
):
    """
    Save an array of one or two axes to a text file.

    A file given by name is replaced when the new one is whole: after an error or an interrupt it is
    what it was. Otherwise the same as `numpy.savetxt`, byte for byte.

    Parameters
    ----------
    fname : file object, str or path-like
        A name that ends in ``.gz``, ``.bz2``, ``.xz`` or ``.lzma`` gets a compressed file.
    X : array_like
        JAX arrays on any devices are taken as they are.
    fmt : str or sequence of str, optional
        The format of every column, of one column after the other, or of the whole row, as Python's ``%``
        takes it.
    delimiter : str, optional
        Between columns.
    newline : str, optional
        Behind each row.
    header, footer : str, optional
        Written before and behind the rows, as comments.
    comments : str, optional
        Starts every line of header and footer.
    encoding : str, optional
        Of the file; by default the system's, and Latin-1 for file objects that take bytes only.

    Examples
    --------
    >>> import sys
    >>> import numpy as np, savez
    >>> savez.savetxt(sys.stdout, np.eye(2), fmt="%g", header="a b")
    # a b
    1 0
    0 1
    """
    if isinstance(fname, os.PathLike):
        fname = os.fspath(fname)
    if not isinstance(fname, str) and not hasattr(fname, "write"):
        raise ValueError("fname must be a string or file handle")
    table = _Table(np.asarray(as_array(X)), fmt, delimiter, newline)
    head, foot = (
        comments + text.replace("\n", "\n" + comments) + newline if len(text) > 0 else ""
        for text in (header, footer)
    )
    if not isinstance(fname, str):
        writer = _Writer(fname, encoding or "latin1")
        table.write(writer.write, head, foot, compiled=_codec(writer.encoding) in _PLAIN_CODECS)
    elif not _save_directly(fname, table, head, foot, encoding):
        with _new_text_file(fname, encoding) as file:
            table.write(file.write, head, foot)


class _Table:
    """An array as rows of text."""

    def __init__(self, array, fmt, delimiter, newline):
        if array.ndim == 0 or array.ndim > 2:
            raise ValueError(f"Expected 1D or 2D array, got {array.ndim}D array instead")
        self.array = array
        self.is_complex = np.iscomplexobj(array)
        self.format = _row_format(fmt, self._columns(), self.is_complex, delimiter)
        self.newline = newline

    def _columns(self):
        if self.array.ndim == 2:
            return self.array.shape[1]
        return 1 if self.array.dtype.names is None else len(self.array.dtype.names)

    def write(self, write, head, foot, compiled=True):
        """Hand all text to the callable ``write``."""
        if head:
            write(head)
        described = self.described() if compiled else None
        # What the compiled part does not take, Python does, from the first such row on.
        done = (_savez.write_text(write, described) if described else None) or 0
        rows_written["compiled"] += done
        for line in self._lines(done):
            write(line)
            rows_written["python"] += 1
        if foot:
            write(foot)

    def described(self):
        """What the compiled part wants to know of a table; None for one that it would not take."""
        dtype = self.array.dtype
        strings = [self.format, self.newline]
        if not all(isinstance(string, str) and _is_encodable(string) for string in strings):
            return None
        fields = [dtype] if dtype.names is None else [dtype.fields[name][0] for name in dtype.names]
        plain = all(f.kind in "biufcSU" and f.subdtype is None and f.metadata is None for f in fields)
        if not plain and not is_extension(dtype):
            return None
        scalars = (False, False)
        if not set("sra").isdisjoint(self.format.lower()):
            if not _prints_plainly(fields):
                return None
            scalars = _scalars()
        try:
            return (self.array, descr_of(dtype), *strings, *scalars)
        except ValueError:
            return None  # fields that overlap

    def _lines(self, start):
        """The rows from that one on, as NumPy makes them."""
        rows = self.array[start:]
        if rows.ndim == 1 and rows.dtype.names is None:
            rows = rows[:, np.newaxis]
        for row in rows:
            if self.is_complex:
                parts = itertools.chain.from_iterable((number.real, number.imag) for number in row)
                yield (self.format % tuple(parts) + self.newline).replace("+-", "-")
                continue
            try:
                line = self.format % tuple(row) + self.newline
            except TypeError as error:
                raise TypeError(
                    f"Mismatch between array dtype ('{self.array.dtype}') and "
                    f"format specifier ('{self.format}')"
                ) from error
            yield line


def _row_format(fmt, columns, is_complex, delimiter):
    """The format of a row from the forms that ``fmt`` may have."""
    if _IS_NUMPY1:
        fmt, delimiter = _as_text(fmt), str(_as_text(delimiter))
    if type(fmt) in (list, tuple):
        if len(fmt) != columns:
            raise AttributeError(f"fmt has wrong shape.  {fmt!s}")
        return delimiter.join([str(_as_text(each)) for each in fmt] if _IS_NUMPY1 else fmt)
    if not isinstance(fmt, str):
        raise ValueError(f"invalid fmt: {fmt!r}")
    conversions = fmt.count("%")
    if conversions == 1:
        return delimiter.join([f" ({fmt}+{fmt}j)" if is_complex else fmt] * columns)
    if conversions != (2 * columns if is_complex else columns):
        raise ValueError(f"fmt has wrong number of % formats:  {fmt}")
    return fmt


def _as_text(value):
    """NumPy 1 takes bytes for text."""
    return value.decode("latin1") if isinstance(value, bytes) else value


def _prints_plainly(fields):
    """Whether scalars of these dtypes print themselves as the compiled part has it."""
    if np.get_printoptions()["legacy"] or sys.flags.bytes_warning:
        return False
    # On some machines there are two types of 64 bits, with names of their own.
    return all(field.kind not in "iu" or field.type.__name__ == field.name for field in fields)


def _scalars():
    """How this NumPy prints scalars: whether with their type, whether short floats soon take an exponent."""
    return repr(np.int8(1)) != "1", str(np.float32(1e8)) == "1e+08"


def _is_encodable(string):
    """Whether it has no lone surrogates."""
    with contextlib.suppress(UnicodeEncodeError):
        string.encode()
        return True
    return False


def _codec(encoding):
    with contextlib.suppress(LookupError):
        return codecs.lookup(encoding).name
    return None


class _Writer:
    """A file object that may want bytes: the first piece shows."""

    def __init__(self, file, encoding):
        self.file = file
        self.encoding = encoding
        self.write = self._write_first

    def _write_first(self, text):
        try:
            self.file.write(text)
            self.write = self.file.write
        except TypeError:
            self._write_bytes(text)
            self.write = self._write_bytes

    def _write_bytes(self, text):
        data = text.encode(self.encoding)
        written = self.file.write(data)
        # Only raw files take a part of what they are given.
        while isinstance(self.file, io.RawIOBase) and len(data) > (written or 0):
            data = data[written or 0 :]
            written = self.file.write(data)


def _save_directly(path, table, head, foot, encoding):
    """Let the compiled part write the file; False if it cannot, or a row has no text."""
    extension = os.path.splitext(path)[1]
    if extension in _COMPRESSED and extension != ".gz":
        return False
    codec = _codec(io.TextIOWrapper(io.BytesIO(), encoding=encoding).encoding)
    described = table.described()
    if described is None or codec not in _PLAIN_CODECS or os.linesep != "\n":
        return False
    try:
        ends = [text.encode(codec) for text in (head, foot)]
    except UnicodeEncodeError:
        return False
    rows = _savez.save_text(path, described, *ends, extension == ".gz", codec != "utf-8")
    if rows != len(table.array):
        return False
    rows_written["compiled"] += rows
    return True


@contextlib.contextmanager
def _new_text_file(path, encoding):
    """A text file that takes its name when all went well."""
    raw = _RawFile(path)
    try:
        buffered = io.BufferedWriter(raw, 1 << 18)
        binary = _compressor(buffered, os.path.splitext(path)[1])
        with io.TextIOWrapper(binary, encoding=encoding) as text:
            yield text
        buffered.close()
        raw.new.finish()
    finally:
        raw.new = None


class _RawFile(io.RawIOBase):
    """A new file as Python's layers want it."""

    def __init__(self, path):
        self.new = _savez.NewFile(path)
        self._position = 0

    def writable(self):
        return True

    def seekable(self):
        return True  # else `TextIOWrapper` leaves the mark out that UTF-16 starts with

    def seek(self, offset, whence=os.SEEK_SET):
        if (offset, whence) != (0, os.SEEK_CUR):
            raise io.UnsupportedOperation("the file is written from its start to its end")
        return self._position

    def write(self, data):
        data = bytes(data)
        self.new.write(data)
        self._position += len(data)
        return len(data)


def _compressor(file, extension):
    if extension == ".gz":
        import gzip

        return gzip.GzipFile("", "wb", fileobj=file, mtime=0)
    if extension == ".bz2":
        import bz2

        return bz2.BZ2File(file, "wb")
    if extension in (".xz", ".lzma"):
        import lzma

        return lzma.LZMAFile(file, "wb")
    return file
