"""Saving: NumPy's `save`, `savez` and `savez_compressed`, and `write`, `append` and `repack`, which have options."""

import contextlib
import functools
import os
import pickle

from . import _savez, format
from ._dispatch import ByKeyword, dispatched
from ._dtypes import descr_of
from ._errors import Error, PythonObjectsError
from ._inputs import as_array

#: zlib's default, which ``numpy.savez_compressed`` uses.
_DEFAULT_LEVEL = 6


def _save_dispatcher(file, arr, allow_pickle=None):
    return (arr,)


@dispatched(_save_dispatcher)
def save(file, arr, allow_pickle=True):
    """
    Save an array to an npy file.

    A file given by name is replaced when the new one is whole: after an error or an interrupt it is
    what it was. Otherwise the same as `numpy.save`.

    Parameters
    ----------
    file : file object, str or path-like
        ``.npy`` is added to a name that does not end in it.
    arr : array_like
        JAX arrays on any devices of this process are taken as they are.
    allow_pickle : bool, optional
        Whether Python objects may be pickled.

    Raises
    ------
    MaskedArrayError
        If a masked array would lose its mask.
    PythonObjectsError
        If pickles are not allowed and the array holds Python objects.

    See Also
    --------
    savez : several arrays in one file.
    load : reads it.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np, savez
    >>> path = os.path.join(tempfile.mkdtemp(), "x")
    >>> savez.save(path, np.arange(3))
    >>> savez.load(path + ".npy")
    array([0, 1, 2])
    """
    if hasattr(file, "write"):
        format.write_array(file, as_array(arr), allow_pickle=allow_pickle)
        return
    path = os.fspath(file)
    if not path.endswith(".npy"):
        path = path + ".npy"
    array = as_array(arr)
    format.refuse_mask(array)
    if format.needs_pickle(array.dtype):
        _savez.write_bytes(path, _pickled(array, allow_pickle))
    else:
        _savez.write_npy(path, array, _descr(array))


@ByKeyword
def savez(file, args, kwds, allow_pickle):
    """
    Save several arrays to an npz file, not compressed.

    A file given by name is replaced when the new one is whole: after an error or an interrupt it is
    what it was. Otherwise the same as `numpy.savez`.

    Parameters
    ----------
    file : file object, str or path-like
        ``.npz`` is added to a name that does not end in it.
    *args : array_like
        Saved as ``arr_0``, ``arr_1``, …
    allow_pickle : bool, optional
        Whether Python objects may be pickled.
    **kwds : array_like
        Saved under their keywords.

    Raises
    ------
    MaskedArrayError
        If a masked array would lose its mask.
    PythonObjectsError
        If pickles are not allowed and an array holds Python objects.
    ValueError
        If a keyword is ``arr_0`` and there is an array without a keyword, and so on.

    See Also
    --------
    write : the same with options, and with arrays of any name.
    append : adds arrays to an archive.
    load, open : read it.

    Examples
    --------
    >>> from tempfile import TemporaryFile
    >>> import numpy as np, savez
    >>> outfile = TemporaryFile()
    >>> x = np.arange(10)
    >>> y = np.sin(x)
    >>> savez.savez(outfile, x, y=y)
    >>> _ = outfile.seek(0)
    >>> npzfile = savez.load(outfile)
    >>> sorted(npzfile.files)
    ['arr_0', 'y']
    >>> npzfile['arr_0']
    array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    _write(file, _named(args, kwds), allow_pickle)


@ByKeyword
def savez_compressed(file, args, kwds, allow_pickle):
    """
    Save several arrays to an npz file, compressed.

    As `savez`, with DEFLATE at level 6; see there. Compressed arrays cannot be mapped; parts of them can be read
    alone, see `open`.

    Examples
    --------
    >>> import io
    >>> import numpy as np, savez
    >>> file = io.BytesIO()
    >>> savez.savez_compressed(file, zeros=np.zeros(100_000))
    >>> len(file.getvalue()) < 2000
    True
    """
    _write(file, _named(args, kwds), allow_pickle, _compression("deflate", None, None))


def write(
    file,
    arrays,
    *,
    compression=None,
    level=None,
    threads=None,
    align=64,
    layout="savez",
    durable=False,
    atomic=True,
    allow_pickle=False,
    progress=None,
):
    """
    Write an archive of arrays.

    Parameters
    ----------
    file : file object, str or path-like
        A name is taken as it is, without ``.npz`` being added.
    arrays : mapping or iterable of pairs
        Names and arrays. An iterable is asked for the next pair when the last is written, so that it may
        make arrays one at a time.
    compression : None, "deflate" or "zstd"
        Arrays that are not compressed can be mapped. Of those that are deflated, parts can be read alone too.
        Archives with zstd are read by `savez`, and by `numpy.load` from Python 3.14 on only.
    level : int, optional
        Of compression: 0 (fast) to 9 (small) for deflate, by default 6; 1 to 22 for zstd, by default 3.
    threads : int, optional
        How many may deflate; by default as many as there are processors. What is written does not depend on
        it.
    align : int
        Data of uncompressed arrays start at multiples of this many bytes in the file, so that they can be
        mapped. A power of two up to 32,768; others are rounded to one.
    layout : "savez" or "numpy"
        How the bytes are arranged: aligned, or exactly as `numpy.savez` does.
    durable : bool
        Whether to return only when all is on the disk.
    atomic : bool
        Whether a file given by name stays as it was until the new one is whole.
    allow_pickle : bool
        Whether Python objects may be pickled.
    progress : callable, optional
        Called now and then with the number of bytes written since the last call; see `savez.progress`.

    Raises
    ------
    MaskedArrayError
        If a masked array would lose its mask.
    ParameterError
        If two arrays have the same name.
    PythonObjectsError
        If pickles are not allowed and an array holds Python objects.
    ValueError
        If an option has a value that it cannot have.

    See Also
    --------
    append : adds arrays to an archive.
    repack : writes an archive anew with all it holds.

    Examples
    --------
    >>> import io
    >>> import numpy as np, savez
    >>> file = io.BytesIO()
    >>> savez.write(file, {"layer 1/w": np.eye(2)}, compression="deflate")
    >>> _ = file.seek(0)
    >>> savez.load(file)["layer 1/w"]
    array([[1., 0.],
           [0., 1.]])
    """
    options = _layout(layout) | {"align": align, "durable": durable, "atomic": atomic}
    options |= _compression(compression, level, threads)
    target = file if hasattr(file, "write") else os.fspath(file)
    _write_items(target, _pairs(arrays), allow_pickle, progress, options)


def append(
    file,
    arrays,
    *,
    compression=None,
    level=None,
    threads=None,
    align=64,
    durable=False,
    allow_pickle=False,
    progress=None,
):
    """
    Add arrays to an archive, or replace those of the same name.

    The other members stay where they are: only what is new is written. Until all of it is there, and if
    the process is killed before, the archive reads as it did. The room of replaced arrays is not used
    again: `repack` gives it back. Others who are adding to the same file at the moment are
    waited for.

    7-Zip, unlike others, shows an archive whose first member was replaced as it was before, and warns; once it is
    repacked, it does not.

    An archive of some 500 members, or of some 2 GB that are compressed, and more is copied to a new file that takes
    its place: its directory is too large to be leapt over.

    `savez.load` opens the file at any moment. `numpy.load` may miss its end if members are added just while it looks
    for it; called again, it finds it.

    Parameters
    ----------
    file : str or path-like
        A name is taken as it is. If there is no such file, it is made.
    arrays : mapping or iterable of pairs
        As in `write`.
    compression, level, threads, align, durable, allow_pickle, progress
        As in `write`; the members that are there may be stored otherwise.

    Raises
    ------
    UnsupportedError
        If the archive has a comment, or bytes in front of it or behind it.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np, savez
    >>> path = os.path.join(tempfile.mkdtemp(), "log.npz")
    >>> for step in range(3):
    ...     savez.append(path, {f"loss {step}": np.exp(-step), "last": step})
    >>> sorted(savez.load(path))
    ['last', 'loss 0', 'loss 1', 'loss 2']
    >>> int(savez.load(path)["last"])
    2
    """
    options = {"align": align, "durable": durable, "append": True}
    options |= _compression(compression, level, threads)
    _write_items(os.fspath(file), _pairs(arrays), allow_pickle, progress, options)


def repack(
    src,
    dst=None,
    *,
    compression="keep",
    level=None,
    threads=None,
    align=64,
    layout="savez",
    durable=False,
    progress=None,
):
    """
    Write an archive anew: compressed otherwise, aligned, or without the room that `append` left.

    Nothing that it holds is lost: all members are kept in their order, arrays or not, with their dates, attributes,
    comments and extra fields, and so is the comment of the archive. Each is compared with its checksum, and passes
    through piece by piece. The new file takes its name when it is whole. Others who are adding to an archive that
    is to be replaced are waited for.

    Parameters
    ----------
    src : str or path-like
        The archive.
    dst : str or path-like, optional
        The new one, by default in the place of the old one.
    compression : "keep", None, "deflate" or "zstd"
        Of all members; with ``"keep"`` they stay compressed, or not, as they are. Otherwise as in `write`.
    level, threads, align, layout, durable
        As in `write`.
    progress : callable, optional
        Called now and then with the number of bytes done since the last call, as they are without compression.

    Raises
    ------
    CorruptError
        If a member is damaged.
    UnsupportedError
        If one is encrypted, or compressed by an unknown method.

    See Also
    --------
    write : writes arrays, also those of an open archive.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np, savez
    >>> path = os.path.join(tempfile.mkdtemp(), "zeros.npz")
    >>> savez.savez(path, zeros=np.zeros(10_000))
    >>> savez.repack(path, compression="deflate")
    >>> os.path.getsize(path) < 1000
    True
    """
    keep = compression == "keep"
    options = _layout(layout) | {"align": align, "durable": durable, "keep_compression": keep}
    options |= _compression(None if keep else compression, level, threads)
    _savez.repack_npz(os.fspath(src), os.fspath(src if dst is None else dst), progress=progress, **options)


def _pairs(arrays):
    return arrays.items() if hasattr(arrays, "items") else arrays


def _layout(layout):
    if layout not in ("savez", "numpy"):
        raise ValueError(f"layout must be 'savez' or 'numpy', not {layout!r}")
    return {"numpy_style": layout == "numpy"}


#: Of each compression the levels, and the one taken by default.
_LEVELS = {"deflate": (range(10), _DEFAULT_LEVEL), "zstd": (range(1, 23), 3)}


def _compression(compression, level, threads):
    """What the compiled part is told."""
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be 1 or more, not {threads}")
    if compression is None:
        if level is not None:
            raise ValueError("a level needs a compression")
        return {}
    if compression not in _LEVELS:
        raise ValueError(f"compression must be None, 'deflate' or 'zstd', not {compression!r}")
    levels, default = _LEVELS[compression]
    level = default if level is None else level
    if level not in levels:
        raise ValueError(f"level must be {levels[0]} to {levels[-1]}, not {level}")
    return {"compression": compression, "level": level, "threads": threads}


def _named(args, kwds):
    """Keywords first, in the order of the call, then ``arr_0``, ``arr_1``, …, as NumPy has it."""
    named = dict(kwds) if args else kwds
    for number, value in enumerate(args):
        key = f"arr_{number}"
        if key in named:
            raise ValueError(f"Cannot use un-named variables and keyword {key}")
        named[key] = value
    return named.items()


def _write(file, pairs, allow_pickle, options=None):
    if not hasattr(file, "write"):
        file = os.fspath(file)
        if not file.endswith(".npz"):
            file = file + ".npz"
    _write_items(file, pairs, allow_pickle, None, options or {})


def _write_items(file, pairs, allow_pickle, progress, options):
    item = functools.partial(_item, allow_pickle=allow_pickle)
    seekable = _seekable(file) if hasattr(file, "write") else None
    _savez.write_npz(file, pairs, item, seekable=seekable, progress=progress, **options)


def _item(pair, allow_pickle):
    """What the compiled part takes: a name, an array and its dtype; or a member's name and its bytes.

    Of plain arrays it is asked once for each dtype, and does the same with the next.
    """
    name, value = pair
    try:
        array = as_array(value)
        format.refuse_mask(array)
        if format.needs_pickle(array.dtype):
            return (f"{name}.npy", _pickled(array, allow_pickle), None)
        return (name, array, _descr(array))
    except Error as error:
        raise type(error)(f"{name!r}: {error}") from None


def _pickled(array, allow_pickle):
    """All bytes of the npy file of an array of Python objects."""
    if not allow_pickle:
        what = "Object arrays" if array.dtype.hasobject else "User-defined dtypes"
        raise PythonObjectsError(f"{what} cannot be saved when allow_pickle=False")
    return format.header_of(array) + pickle.dumps(array, protocol=4)


def _descr(array):
    """The array's dtype as text, warning of headers that need a newer format version."""
    dtype = array.dtype
    descr = descr_of(dtype)
    if dtype.names is not None and (len(descr) > 60_000 or not descr.isascii()):
        format.header_of(array)
    return descr


def _seekable(file):
    """Whether a file object can go back, by the rule of `zipfile`."""
    with contextlib.suppress(AttributeError, OSError):
        file.seek(file.tell())
        return True
    return False
