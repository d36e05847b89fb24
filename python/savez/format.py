"""The npy format, with the names of :mod:`numpy.lib.format`.

What moves bytes or reads headers is our own: headers are parsed by a bounded grammar instead of
``ast.literal_eval``, the types of ``ml_dtypes`` keep their names, shapes given to `open_memmap` may be
lists and hold any integers. The rest is NumPy's.
"""

import io
import operator
import os
import pickle
import struct
import warnings

import numpy as np
from numpy.lib.format import (
    ARRAY_ALIGN,
    BUFFER_SIZE,
    EXPECTED_KEYS,
    GROWTH_AXIS_MAX_DIGITS,
    MAGIC_LEN,
    MAGIC_PREFIX,
    descr_to_dtype,
    drop_metadata,
    dtype_to_descr,
    header_data_from_array_1_0,
    isfileobj,
    magic,
    read_magic,
    write_array_header_1_0,
    write_array_header_2_0,
)

from . import _savez
from ._dtypes import descr_of, dtype_of
from ._errors import LimitError, MaskedArrayError, PythonObjectsError

__all__ = [
    "ARRAY_ALIGN",
    "BUFFER_SIZE",
    "EXPECTED_KEYS",
    "GROWTH_AXIS_MAX_DIGITS",
    "MAGIC_LEN",
    "MAGIC_PREFIX",
    "descr_to_dtype",
    "drop_metadata",
    "dtype_to_descr",
    "header_data_from_array_1_0",
    "isfileobj",
    "magic",
    "open_memmap",
    "read_array",
    "read_array_header_1_0",
    "read_array_header_2_0",
    "read_magic",
    "write_array",
    "write_array_header_1_0",
    "write_array_header_2_0",
]

_MAX_HEADER_SIZE = 10_000
_VERSIONS = {(1, 0): ("<H", "latin1"), (2, 0): ("<I", "latin1"), (3, 0): ("<I", "utf8")}
#: Of mapping, with NumPy's long names.
MODES = {
    "r": "r",
    "readonly": "r",
    "c": "c",
    "copyonwrite": "c",
    "r+": "r+",
    "readwrite": "r+",
    "w+": "w+",
    "write": "w+",
}
_ONLY_VERSIONS = "we only support format version (1,0), (2,0), and (3,0), not %s"


# ---- writing ---------------------------------------------------------------------------------


def write_array(fp, array, version=None, allow_pickle=True, pickle_kwargs=None):
    """
    Write an array to a file object as an npy file, header included.

    Parameters
    ----------
    fp : file object
        Anything with a ``write`` method.
    array : ndarray
    version : (int, int), optional
        Of the format; by default the oldest that can hold the header.
    allow_pickle : bool
        Whether arrays of Python objects may be pickled.
    pickle_kwargs : dict, optional
        More arguments for `pickle.dump`.

    Raises
    ------
    MaskedArrayError
        If a masked array would lose its mask.
    PythonObjectsError
        If pickles are not allowed and the array holds Python objects.
    ValueError
        If there is no such version, or the header does not fit into it.

    Examples
    --------
    >>> import io
    >>> import numpy as np, savez
    >>> file = io.BytesIO()
    >>> savez.format.write_array(file, np.zeros((2, 3)))
    >>> file.getvalue()[:8]
    b'\\x93NUMPY\\x01\\x00'
    """
    _write(fp, memoryview(header_of(array, version)))
    if needs_pickle(array.dtype):
        pickle_array(fp, array, allow_pickle, pickle_kwargs)
    elif array.nbytes > 0:
        refuse_mask(array)
        for piece in _pieces(np.asarray(array)):
            _write(fp, piece)


def _pieces(array):
    """The bytes of an array in the order NumPy writes, of a contiguous one without a copy."""
    if array.flags.c_contiguous or array.flags.f_contiguous:
        flat = (array if array.flags.c_contiguous else array.T).reshape(-1).view(np.uint8)
        for start in range(0, flat.size, BUFFER_SIZE * 64):
            yield memoryview(flat[start : start + BUFFER_SIZE * 64])
        return
    # As void: of records, NumPy would copy the fields, and between them leave what was in memory.
    array = array.view(f"V{array.itemsize}")
    flags = ["external_loop", "buffered", "zerosize_ok"]
    for piece in np.nditer(array, flags=flags, buffersize=max(BUFFER_SIZE * 64 // array.itemsize, 1), order="C"):
        yield memoryview(piece.tobytes())


def _write(fp, piece):
    """Write all of a piece, however little a raw file takes at once."""
    raw = isinstance(fp, io.RawIOBase)
    while piece:
        # Bytes of its own for a stranger, who may keep what it is given.
        taken = fp.write(piece if isfileobj(fp) else piece.tobytes())
        if not raw:
            return
        if taken is None:
            raise BlockingIOError("the file takes no more bytes for now; savez needs one that waits")
        piece = piece[taken:]


def needs_pickle(dtype):
    """Whether elements are Python objects, or of a dtype that keeps its data elsewhere."""
    return dtype.hasobject or not getattr(type(dtype), "_legacy", True)


def pickle_array(fp, array, allow_pickle, pickle_kwargs=None):
    """Write the pickle that stands behind the header of an array of Python objects."""
    if not allow_pickle:
        what = "Object arrays" if array.dtype.hasobject else "User-defined dtypes"
        raise PythonObjectsError(f"{what} cannot be saved when allow_pickle=False")
    pickle.dump(array, fp, protocol=4, **(pickle_kwargs or {}))


def refuse_mask(array):
    """An npy file has no place for a mask, and NumPy's own `save` refuses masked arrays."""
    if isinstance(array, np.ma.MaskedArray):
        raise MaskedArrayError(
            "MaskedArray.tofile() not implemented yet: a masked array would lose its mask; "
            "save x.data and np.ma.getmaskarray(x) as two arrays, or x.filled()"
        )


def header_of(array, version=None):
    """The bytes of the npy header for an array, warning as NumPy does of newer versions."""
    if version is not None and version not in _VERSIONS:
        raise ValueError(_ONLY_VERSIONS % (version,))
    fortran = array.flags.f_contiguous and not array.flags.c_contiguous
    return render(descr_of(array.dtype), array.shape, fortran, version, stacklevel=4)


def render(descr, shape, fortran, version=None, stacklevel=3):
    """The bytes of an npy header."""
    if version is not None:
        return _savez.render_header(descr, shape, fortran, version[0])
    header = _savez.render_header(descr, shape, fortran)
    # The blank missing from the first is NumPy's; others look for the text.
    if header[6] == 2:
        message = "Stored array in format 2.0. It can only beread by NumPy >= 1.9"
        warnings.warn(message, UserWarning, stacklevel=stacklevel)
    elif header[6] == 3:
        message = "Stored array in format 3.0. It can only be read by NumPy >= 1.17"
        warnings.warn(message, UserWarning, stacklevel=stacklevel)
    return header


# ---- reading ---------------------------------------------------------------------------------


def read_array_header_1_0(fp, max_header_size=_MAX_HEADER_SIZE):
    """
    Read the header of an npy file of version 1.0, the magic string of which has been read.

    Parameters
    ----------
    fp : file object
        Stands behind the version, where `read_magic` leaves it.
    max_header_size : int, optional
        Longest header, in characters.

    Returns
    -------
    shape : tuple of int
    fortran_order : bool
    dtype : dtype

    Raises
    ------
    FormatError
        If the header breaks a rule.
    LimitError
        If it is longer than `max_header_size`.
    ValueError
        If the file ends within it.

    Examples
    --------
    >>> import io
    >>> import numpy as np, savez
    >>> file = io.BytesIO()
    >>> savez.save(file, np.zeros((2, 3)))
    >>> _ = file.seek(0)
    >>> savez.format.read_magic(file)
    (1, 0)
    >>> savez.format.read_array_header_1_0(file)
    ((2, 3), False, dtype('float64'))
    """
    return _read_header(fp, (1, 0), max_header_size)


def read_array_header_2_0(fp, max_header_size=_MAX_HEADER_SIZE):
    """As `read_array_header_1_0`, of version 2.0."""
    return _read_header(fp, (2, 0), max_header_size)


def _read_header(fp, version, max_header_size):
    width, encoding = _VERSIONS[version]
    length = read_exactly(fp, struct.calcsize(width), "array header length")
    text = read_exactly(fp, struct.unpack(width, length)[0], "array header")
    if len(text) > max_header_size and len(text.decode(encoding, "replace")) > max_header_size:
        # The compiled part says the same of archives.
        raise LimitError(
            f"Header info length ({len(text.decode(encoding, 'replace'))}) is large and may not be safe "
            "to load securely.\nTo allow loading, adjust `max_header_size` or fully trust the `.npy` "
            "file using `allow_pickle=True`."
        )
    said = _savez.parse_header(magic(*version) + length + text, min(max_header_size, 2**62))
    return understood(said)


def understood(said, stacklevel=4):
    """Shape, whether in Fortran order, and dtype, of what the compiled part found in a header."""
    descr, plain, shape, fortran, python2 = said
    if python2:
        warnings.warn(
            "Reading `.npy` or `.npz` file required additional header parsing as it was created on "
            "Python 2. Save the file again to speed up loading and avoid this warning.",
            UserWarning,
            stacklevel=stacklevel,
        )
    return tuple(shape), fortran, dtype_of(descr, plain)


def read_array(fp, allow_pickle=False, pickle_kwargs=None, *, max_header_size=_MAX_HEADER_SIZE):
    """
    Read an array from a file object that stands at the start of an npy file.

    Parameters
    ----------
    fp : file object
        Anything with a ``read`` method.
    allow_pickle : bool
        Whether Python objects may be unpickled, which can run any code.
    pickle_kwargs : dict, optional
        More arguments for `pickle.load`.
    max_header_size : int
        Longest header, in characters; without effect if pickles are allowed.

    Returns
    -------
    array : ndarray

    Raises
    ------
    FormatError
        If the header breaks a rule.
    CorruptError
        If the file ends before the array does.
    PythonObjectsError
        If pickles are not allowed and the array holds Python objects.
    LimitError
        If the header is longer than `max_header_size`.
    ValueError
        If the file does not begin as an npy file of a known version does.

    Examples
    --------
    Arrays can follow one another in a file:

    >>> import io
    >>> import numpy as np, savez
    >>> file = io.BytesIO()
    >>> savez.save(file, np.arange(3))
    >>> savez.save(file, np.ones(2))
    >>> _ = file.seek(0)
    >>> savez.format.read_array(file), savez.format.read_array(file)
    (array([0, 1, 2]), array([1., 1.]))
    """
    if allow_pickle:
        max_header_size = 2**62
    version = read_magic(fp)
    if version not in _VERSIONS:
        raise ValueError(_ONLY_VERSIONS % (version,))
    shape, fortran, dtype = _read_header(fp, version, max_header_size)
    if needs_pickle(dtype):
        return unpickle_array(fp, allow_pickle, pickle_kwargs)
    return _read_elements(fp, shape, fortran, dtype)


def unpickle_array(fp, allow_pickle, pickle_kwargs):
    """Read the pickle that stands behind the header of an array of Python objects."""
    if not allow_pickle:
        raise PythonObjectsError("Object arrays cannot be loaded when allow_pickle=False")
    try:
        return pickle.load(fp, **(pickle_kwargs or {}))
    except UnicodeError as error:
        raise UnicodeError(
            f"Unpickling a python object failed: {error!r}\n"
            "You may need to pass the encoding= option to numpy.load"
        ) from error


def _read_elements(fp, shape, fortran, dtype):
    array = new_array(shape, fortran, dtype)
    if array.nbytes == 0:
        return array
    room = memoryview(_bytes_of(array))
    filled = 0
    while filled < len(room):
        if isfileobj(fp):
            read = fp.readinto(room[filled:])
        else:
            piece = fp.read(min(BUFFER_SIZE, len(room) - filled))
            read = len(piece)
            room[filled : filled + read] = piece
        if not read:
            raise _ended(fp, array, filled)
        filled += read
    return array


def new_array(shape, fortran, dtype):
    """Room for an array, refused if no memory could hold it."""
    # Not `np.empty`, which makes one byte of strings of none.
    return np.ndarray(shape, dtype, order="F" if fortran else "C")


def _bytes_of(array):
    """The memory of a contiguous array as bytes, whatever its dtype."""
    flat = array.T if array.flags.f_contiguous and not array.flags.c_contiguous else array
    return flat.reshape(-1).view(np.uint8) if array.dtype.itemsize else np.empty(0, np.uint8)


def _ended(fp, array, filled):
    from ._bad_zip import CorruptError

    if isfileobj(fp):
        return CorruptError(
            f"Failed to read all data for array. Expected {array.shape} = {array.size} elements, "
            f"could only read {filled // array.itemsize} elements. (file seems not fully written?)"
        )
    return CorruptError(f"EOF: reading array data, expected {array.nbytes} bytes got {filled}")


def read_exactly(fp, size, what):
    """Read that many bytes, in however many pieces."""
    pieces, missing = [], size
    while missing:
        try:
            piece = fp.read(min(missing, BUFFER_SIZE))
        except BlockingIOError:
            continue
        if not piece:
            raise ValueError(f"EOF: reading {what}, expected {size} bytes got {size - missing}")
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


# ---- mapping ---------------------------------------------------------------------------------


def open_memmap(
    filename,
    mode="r+",
    dtype=None,
    shape=None,
    fortran_order=False,
    version=None,
    *,
    max_header_size=_MAX_HEADER_SIZE,
):
    """
    Open an npy file as a memory-mapped array.

    Parameters
    ----------
    filename : str or path-like
    mode : str
        Of `numpy.memmap`; ``'w+'`` makes a new file.
    dtype, shape, fortran_order, version : optional
        Of the new file. The shape may be an integer, a tuple or a list of integers of any kind.
    max_header_size : int
        Longest header, in characters.

    Returns
    -------
    array : memmap

    Raises
    ------
    FormatError
        If the header breaks a rule.
    LimitError
        If the header is longer than `max_header_size`.
    ValueError
        If the dtype has Python objects, the file is shorter than its header says, or an argument is wrong.

    Examples
    --------
    >>> import os, tempfile
    >>> import savez
    >>> path = os.path.join(tempfile.mkdtemp(), "grid.npy")
    >>> grid = savez.format.open_memmap(path, mode="w+", dtype="f4", shape=(3, 1000))
    >>> grid[1, 5] = 1.5
    >>> grid.flush()
    >>> float(savez.load(path, mmap_mode="r")[1, 5])
    1.5
    """
    if isfileobj(filename) or not isinstance(filename, (str, bytes, os.PathLike)):
        raise ValueError("Filename must be a string or a path-like object.  Memmap cannot use existing file handles.")
    if mode not in MODES:
        # Before a mode that NumPy does not know either has emptied the file.
        raise ValueError(f"invalid mode: {mode!r}; it must be one of {', '.join(map(repr, MODES))}")
    filename, mode = os.fspath(filename), MODES[mode]
    if mode == "w+":
        if shape is None:
            raise ValueError("a new file needs a shape")
        shape = tuple(map(operator.index, shape if np.iterable(shape) else (shape,)))
        dtype = np.dtype(dtype)
        _refuse_objects(dtype)
        fortran = fortran_order
        header = render(descr_of(dtype), shape, fortran, version)
        with open(filename, mode + "b") as fp:
            fp.write(header)
        offset, mode = len(header), "r+"
    else:
        with open(filename, "rb") as fp:
            found = read_magic(fp)
            if found not in _VERSIONS:
                raise ValueError(_ONLY_VERSIONS % (found,))
            shape, fortran, dtype = _read_header(fp, found, max_header_size)
            _refuse_objects(dtype)
            offset = fp.tell()
            size = os.fstat(fp.fileno()).st_size
        if offset + _nbytes(shape, dtype) > size:
            # NumPy lets 'r+' fill up a file that was cut short with zeros.
            raise ValueError("mmap length is greater than file size")
    return np.memmap(filename, dtype=dtype, shape=shape, order="F" if fortran else "C", mode=mode, offset=offset)


def _refuse_objects(dtype):
    if needs_pickle(dtype):
        raise ValueError("Array can't be memory-mapped: Python objects in dtype.")


def _nbytes(shape, dtype):
    count = dtype.itemsize
    for length in shape:
        count *= length
    return count
