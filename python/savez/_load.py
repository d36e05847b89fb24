"""Loading: NumPy's `load` and `NpzFile`."""

import collections.abc
import functools
import io
import os
import pickle
import weakref

from . import _savez, format
from ._dtypes import dtype_of
from ._errors import ParameterError, PythonObjectsError
from ._map import FileMap

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MAX_HEADER_SIZE = format._MAX_HEADER_SIZE

# Without a buffer that would be filled, and a way back. Windows has none.
_PREAD = getattr(os, "pread", None)


def load(
    file,
    mmap_mode=None,
    allow_pickle=False,
    fix_imports=True,
    encoding="ASCII",
    *,
    max_header_size=_MAX_HEADER_SIZE,
):
    """
    Load an array or an archive from an npy or npz file, or an object from a pickle.

    The same as `numpy.load`, but ``mmap_mode`` works for archives too, a pipe may be read, and the types
    of ``ml_dtypes`` come back if savez wrote them.

    Parameters
    ----------
    file : file object, str or path-like
    mmap_mode : None, 'r', 'r+', 'w+' or 'c'
        Map instead of read: see `numpy.memmap`. In an archive only ``'r'`` and ``'c'`` are possible;
        members that are compressed are read.
    allow_pickle : bool, optional
        Whether Python objects may be unpickled, which can run any code.
    fix_imports, encoding : optional
        For pickles of Python 2.
    max_header_size : int, optional
        Longest npy header, in characters; without effect if pickles are allowed.

    Returns
    -------
    ndarray, memmap, NpzFile or object
        An array of an npy file, mapped or read; what an npz file holds; or what a pickle holds.

    Raises
    ------
    FormatError
        If the file breaks a rule of its format.
    CorruptError
        If it is cut short, or a checksum does not match.
    PythonObjectsError
        If pickles are not allowed and the array holds Python objects, or the file is neither npy nor npz.
    LimitError
        If a header is longer than `max_header_size`.
    OSError
        If the file cannot be read.

    See Also
    --------
    open : an archive whose arrays are read in parts.

    Examples
    --------
    >>> import io
    >>> import numpy as np, savez
    >>> file = io.BytesIO()
    >>> savez.savez(file, a=np.array([1, 2, 3]))
    >>> _ = file.seek(0)
    >>> with savez.load(file) as data:
    ...     data['a']
    array([1, 2, 3])
    """
    if encoding not in ("ASCII", "latin1", "bytes"):
        raise ValueError("encoding must be 'ASCII', 'latin1', or 'bytes'")
    pickle_kwargs = {"encoding": encoding, "fix_imports": fix_imports}
    if hasattr(file, "read"):
        return _load_from(file, False, file, mmap_mode, allow_pickle, pickle_kwargs, max_header_size)
    fid = open(os.fspath(file), "rb")
    try:
        found = _load_from(fid, True, file, mmap_mode, allow_pickle, pickle_kwargs, max_header_size)
    except BaseException:
        fid.close()
        raise
    if type(found) is not NpzFile:
        fid.close()
    return found


def _load_from(fid, own_fid, file, mmap_mode, allow_pickle, pickle_kwargs, max_header_size):
    """What is in an open file, `file` as the caller named it."""
    magic = _peek(fid, own_fid)
    if isinstance(magic, tuple):
        magic, fid = magic
    if not magic:
        raise EOFError("No data left in file")
    if magic.startswith(_ZIP):
        return NpzFile(
            fid, own_fid, allow_pickle, pickle_kwargs, max_header_size=max_header_size, mmap_mode=mmap_mode
        )
    if magic == format.MAGIC_PREFIX:
        if mmap_mode:
            if allow_pickle:
                max_header_size = 2**62
            return format.open_memmap(file, mode=_npy_mode(mmap_mode), max_header_size=max_header_size)
        return _read_npy(fid, own_fid, allow_pickle, pickle_kwargs, max_header_size)
    if not allow_pickle:
        raise PythonObjectsError(
            "This file contains pickled (object) data. If you trust the file you can load it unsafely using "
            "the `allow_pickle=` keyword argument or `pickle.load()`."
        )
    try:
        return pickle.load(fid, **pickle_kwargs)
    except Exception as error:
        raise pickle.UnpicklingError(f"Failed to interpret file {file!r} as a pickle") from error


def _peek(fid, own_fid):
    """The first six bytes; with a stand-in for the file if it cannot go back to them."""
    size = len(format.MAGIC_PREFIX)
    if own_fid and _PREAD is not None:
        try:
            return _PREAD(fid.fileno(), size, 0)
        except OSError:
            pass  # a pipe
    magic = fid.read(size)
    if not isinstance(magic, (bytes, bytearray)):
        raise TypeError(f"the file must give bytes, not {type(magic).__name__}; open it in binary mode")
    while 0 < len(magic) < size and (more := fid.read(size - len(magic))):
        magic += more
    try:
        # From the current position: the file may have begun before it.
        fid.seek(-len(magic), 1)
    except (AttributeError, OSError):
        return magic, _Rewound(magic, fid)
    return magic


class _Rewound(io.RawIOBase):
    """A stream that cannot go back, with the bytes in front of it that were read already."""

    def __init__(self, start, fid):
        self._start = start
        self._fid = fid

    def readable(self):
        return True

    def read(self, size=-1):
        if not self._start:
            return self._fid.read(size)
        if size is None or size < 0:
            start, self._start = self._start, b""
            return start + self._fid.read()
        start, self._start = self._start[:size], self._start[size:]
        return start + self._fid.read(size - len(start)) if len(start) < size else start

    def readinto(self, buffer):
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _npy_mode(mmap_mode):
    if format.MODES.get(mmap_mode) == "w+":
        # NumPy empties the file before it finds that it cannot know the shape.
        raise ValueError("mmap_mode 'w+' would empty the file; use 'r+' to change it, or open_memmap to make one")
    return mmap_mode


def _read_npy(fid, own_fid, allow_pickle, pickle_kwargs, max_header_size):
    if own_fid and format.isfileobj(fid):
        limit = 2**62 if allow_pickle else min(max_header_size, 2**62)
        array = _read_whole(fid, limit)
        if array is not None:
            return array
    return format.read_array(
        fid, allow_pickle=allow_pickle, pickle_kwargs=pickle_kwargs, max_header_size=max_header_size
    )


def _read_whole(fid, limit):
    """An npy file by our reader; None if it is for NumPy's words of error, or for pickle."""
    try:
        member = _savez.open_npy(fid.name, limit)
    except (ValueError, TypeError, OSError):
        return None
    if member.has_objects:
        return None
    return read_member(member)


def read_member(member, progress=None, stacklevel=6):
    """The array of a member that holds no Python objects."""
    shape, fortran, dtype = format.understood(member.said, stacklevel)
    array = format.new_array(shape, fortran, dtype)
    member.read_into(array, progress)
    return array


def name_of(file):
    """The name by which a file was opened; None if it has none, but a number, say."""
    name = getattr(file, "name", None)
    return name if isinstance(name, (str, bytes)) else None


def path_of(file):
    """The path of an open file if it has one, whatever directory is the working one later."""
    name = name_of(file)
    return None if name is None else os.path.abspath(name)


def numbers_of(members):
    """Which member each name stands for, given pairs of numbers and members' names.

    A member spelled exactly so comes before one with ``.npy`` cut off; of several the last.
    """
    members = list(members)
    numbers = {name.removesuffix(".npy"): number for number, name in members}
    numbers.update((name, number) for number, name in members)
    return numbers


class BagObj:
    """
    Attribute access to the items of a mapping.

    Parameters
    ----------
    obj : mapping
    """

    def __init__(self, obj):
        self._obj = weakref.proxy(obj)

    def __getattribute__(self, key):
        try:
            return object.__getattribute__(self, "_obj")[key]
        except KeyError:
            raise AttributeError(key) from None

    def __dir__(self):
        return list(object.__getattribute__(self, "_obj").keys())


class NpzFile(collections.abc.Mapping):
    """
    An open archive: a mapping from names to arrays, which are read when asked for.

    Made by `load`. It closes itself when it is no longer used; as a context manager, at the end of the
    block. Threads and, for files given by name, forked processes may read from it at the same time; it
    can be pickled if its file has a name.

    Attributes
    ----------
    files : list of str
        The names, without ``.npy``.
    f : BagObj
        The arrays as attributes.
    zip : zipfile.ZipFile
        The archive as Python's `zipfile` sees it, opened when first asked for.
    fid : file object
        The open file, if it was given by name.

    Examples
    --------
    >>> import io
    >>> import numpy as np, savez
    >>> file = io.BytesIO()
    >>> savez.savez(file, w=np.ones((2, 3)), b=np.zeros(3))
    >>> _ = file.seek(0)
    >>> data = savez.load(file)
    >>> data.files
    ['w', 'b']
    >>> data["b"], data.f.b
    (array([0., 0., 0.]), array([0., 0., 0.]))
    >>> {name: array.shape for name, array in data.items()}
    {'w': (2, 3), 'b': (3,)}
    """

    __module__ = "numpy.lib.npyio"

    # What `__del__` needs even if `__init__` failed.
    _zip = None
    _archive = None
    fid = None

    #: Reads most arrays; what it gives None for takes more than bytes and a dtype.
    _get = None
    #: Maps them, if that was asked for.
    _map = None
    _MAX_REPR_ARRAY_COUNT = 5

    def __init__(
        self,
        fid,
        own_fid=False,
        allow_pickle=False,
        pickle_kwargs=None,
        *,
        max_header_size=_MAX_HEADER_SIZE,
        mmap_mode=None,
    ):
        self._map_mode = _npz_mode(mmap_mode)
        self._file = fid
        self.allow_pickle = allow_pickle
        self.max_header_size = max_header_size
        self.pickle_kwargs = pickle_kwargs
        limit = 2**62 if allow_pickle else min(max_header_size, 2**62)
        is_file = format.isfileobj(fid)
        try:
            self._archive = open_archive(fid, is_file, limit)
        except BaseException:
            if own_fid:
                fid.close()
            raise
        # What stays known when it is closed.
        self._directory = self._archive
        self._path = path_of(fid)
        if is_file and self._map_mode is not None:
            self._map = FileMap(fid, self._path)
        else:
            self._get = self._archive.get
        if own_fid:
            self.fid = fid

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        self.close()

    def close(self):
        """Close the file. Names and length stay known."""
        if self._zip is not None:
            self._zip.close()
            self._zip = None
        if self.fid is not None:
            self.fid.close()
            self.fid = None
        if self._archive is not None:
            self._directory = self._archive.closed()
            self._archive = self._get = self._map = None
        self._file = None
        self.f = None

    def __del__(self):
        self.close()

    @functools.cached_property
    def f(self):
        """The arrays as attributes; None when closed."""
        return BagObj(self)

    @functools.cached_property
    def files(self):
        """The names, without ``.npy``."""
        return self._directory.names

    @property
    def zip(self):
        """The archive as Python's `zipfile` sees it; None when closed."""
        if self._zip is None and self._file is not None:
            import zipfile

            self._zip = zipfile.ZipFile(self._file)
        return self._zip

    def __iter__(self):
        return iter(self.files)

    def __len__(self):
        return len(self._directory)

    def __contains__(self, key):
        return self._find(key) is not None

    def _find(self, key):
        # Of other keys, those that no mapping could have are an error.
        return self._directory.find(key) if isinstance(key, str) else {}.get(key)

    def __getitem__(self, key):
        get = self._get
        if get is not None:
            array = get(key, dtype_of)
            if array is not None:
                return array
        number = self._find(key)
        if number is None:
            raise KeyError(f"{key} is not a file in the archive")
        if self._archive is None:
            # What NumPy's closed files say.
            raise AttributeError("'NoneType' object has no attribute 'open': the archive is closed")
        member = self._archive.member(number)
        if member is None:
            return self._archive.raw(number)
        if member.has_objects:
            bytes_ = io.BytesIO(self._archive.raw(number))
            return format.read_array(
                bytes_,
                allow_pickle=self.allow_pickle,
                pickle_kwargs=self.pickle_kwargs,
                max_header_size=self.max_header_size,
            )
        if self._map is not None and member.data_offset is not None:
            return self._map.array(member, self._map_mode)
        return read_member(member, stacklevel=5)

    def get(self, key, default=None, /):
        """The array of that name, or `default` if there is none."""
        return collections.abc.Mapping.get(self, key, default)

    def items(self):
        """Names and arrays; each array is read when it is its turn."""
        return collections.abc.Mapping.items(self)

    def keys(self):
        """The names."""
        return collections.abc.Mapping.keys(self)

    def values(self):
        """The arrays; each is read when it is its turn."""
        return collections.abc.Mapping.values(self)

    def __reduce__(self):
        if self.fid is None or self._path is None:
            raise TypeError("an NpzFile can only be pickled while it is open and has a file with a name")
        encoding = self.pickle_kwargs or {}
        arguments = (self._path, self._map_mode, self.allow_pickle, encoding, self.max_header_size)
        return (_reopened, arguments)

    def _name(self):
        if isinstance(self.fid, str):
            return self.fid
        return getattr(self.fid, "name", "object")

    def __repr__(self):
        names = ", ".join(self.files[: self._MAX_REPR_ARRAY_COUNT])
        more = "..." if len(self.files) > self._MAX_REPR_ARRAY_COUNT else ""
        return f"NpzFile {self._name()!r} with keys: {names}{more}"

    def _repr_html_(self):
        from ._html import table

        rows = [("name", "dtype", "shape")]
        for number, name in enumerate(self.files):
            member = self._archive.member(number) if self._archive is not None else None
            descr, shape = (member.said[0], str(tuple(member.said[2]))) if member is not None else ("", "")
            rows.append((name, descr, shape))
        return table(str(self._name()), rows)


def _npz_mode(mmap_mode):
    if not mmap_mode:
        return None
    mode = format.MODES.get(mmap_mode)
    if mode is None:
        raise ParameterError(f"invalid mode: {mmap_mode!r}; for an archive 'r' and 'c' are possible")
    if mode not in ("r", "c"):
        raise ParameterError(
            f"mmap_mode {mmap_mode!r} would change an archive under its checksums; 'r' and 'c' are possible"
        )
    return mode


def open_archive(fid, is_file, limit):
    """The archive in a file object; of a real file by positional reads, so that it can be shared."""
    if is_file and os.name == "posix":
        name = fid.name if isinstance(fid.name, str) else None
        return _savez.Archive(path=name, descriptor=fid.fileno(), max_chars=limit)
    return _savez.Archive(file=fid, max_chars=limit)


def _reopened(path, mmap_mode, allow_pickle, pickle_kwargs, max_header_size):
    fid = open(path, "rb")
    return NpzFile(
        fid, True, allow_pickle, pickle_kwargs, max_header_size=max_header_size, mmap_mode=mmap_mode
    )
