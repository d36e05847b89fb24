"""Archives whose arrays are read when, and as far as, they are asked for: `open`, `Archive`, `LazyArray`."""

import collections.abc
import functools
import io
import os

import numpy as np

from . import format
from ._dtypes import dtype_of
from ._errors import (
    Error,
    MissingMemberError,
    NotAnArrayError,
    ParameterError,
    PythonObjectsError,
    UnsupportedError,
)
from ._index import CHEAP, indexed, text
from ._load import name_of, numbers_of, open_archive, path_of
from ._map import FileMap


def open(file, *, max_header_size=format._MAX_HEADER_SIZE):
    """
    Open an npz file without reading its arrays.

    Parameters
    ----------
    file : file object, str or path-like
        A file object must stay open as long as arrays are read.
    max_header_size : int, optional
        Longest npy header, in characters.

    Returns
    -------
    Archive
        A mapping from names to `LazyArray`.

    See Also
    --------
    load : as NumPy has it, whole arrays at a time.

    Examples
    --------
    >>> import io
    >>> import numpy as np, savez
    >>> file = io.BytesIO()
    >>> savez.savez(file, w=np.arange(12).reshape(3, 4))
    >>> with savez.open(file) as archive:
    ...     archive["w"].shape, archive["w"][-1, ::2]
    ((3, 4), array([ 8, 10]))
    """
    if hasattr(file, "read"):
        return Archive(file, False, max_header_size)
    path = os.fsdecode(file)
    return Archive(io.open(path, "rb"), True, max_header_size)


class Archive(collections.abc.Mapping):
    """
    An open npz file: a mapping from names to arrays that are not read yet.

    Made by `open`. Its names are those of NumPy, without ``.npy``; of members that share one, the last has
    it. Members that are no arrays are not in it: `load` gives their bytes. It closes itself when no longer
    used; as a context manager, at the end of the block.

    Threads may read from it at the same time, and so may forked processes if the file has a name. If so,
    it can be pickled too: what is sent is the name.

    Examples
    --------
    >>> import io
    >>> import numpy as np, savez
    >>> file = io.BytesIO()
    >>> savez.savez(file, w=np.ones((2, 3)), b=np.zeros(3, np.float32))
    >>> archive = savez.open(file)
    >>> list(archive)
    ['w', 'b']
    >>> archive["b"]
    <LazyArray 'b': float32, shape (3,), stored>
    >>> sum(array.nbytes for array in archive.values())
    60
    """

    __module__ = "savez"

    _MAX_REPR_ARRAY_COUNT = 5

    # What `__del__` needs even if `__init__` failed.
    _file = None
    _archive = None
    _own = False

    def __init__(self, file, own, max_header_size):
        self._file, self._own = file, own
        self._max_header_size = max_header_size
        self._name = name_of(file)
        is_file = format.isfileobj(file)
        self._path = path_of(file) if is_file else None
        self._map = FileMap(file, self._path) if is_file else None
        try:
            self._archive = open_archive(file, is_file, min(max_header_size, 2**62))
            # What stays known when it is closed.
            self._directory = self._archive
        except BaseException as error:
            from ._bad_zip import FormatError

            npy = own and isinstance(error, FormatError) and self._holds_npy()
            self.close()
            if npy:
                raise FormatError(
                    f"{self._title()}: this is an npy file, not an archive; see savez.load"
                ) from None
            raise

    def _holds_npy(self):
        return self._file.read(len(format.MAGIC_PREFIX)) == format.MAGIC_PREFIX

    @functools.cached_property
    def _index(self):
        """The number of each member by every name that leads to it, and of each the shortest of these."""
        names = self._directory.member_names
        arrays = {number: name for number, name in enumerate(names) if self._is_array(number, name)}
        numbers = numbers_of(arrays.items())
        keys = {}
        for number, name in arrays.items():
            for key in (name.removesuffix(".npy"), name):
                if numbers[key] == number:
                    keys.setdefault(number, key)
        return numbers, keys

    def _find(self, key):
        """The number and the shortest name of an array; None if there is none."""
        if not isinstance(key, str):
            return {}.get(key)  # an error if no mapping could have it
        # One array out of many is not worth an index of all.
        number = self._directory.find(key)
        if number is None:
            return None
        name = self._directory.member_name(number)
        short = name.removesuffix(".npy")
        if short != name and self._directory.find(short) == number:
            return number, short
        numbers, keys = self._index
        number = numbers.get(key)
        return None if number is None else (number, keys[number])

    def _is_array(self, number, name):
        if name.endswith(".npy"):
            return True
        try:
            return self._archive.member(number) is not None
        except Error:
            return True  # it is meant to be one; whoever asks for it hears what is wrong

    def close(self):
        """Close the file. Names stay known, and arrays got before keep it open for themselves."""
        if self._own and self._file is not None:
            self._file.close()
        if self._archive is not None:
            if not self._archive.all_npy:
                self._index  # which of them are arrays can be told now only
            self._directory = self._archive.closed()
        self._file = self._archive = self._map = None

    def __del__(self):
        self.close()

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        self.close()

    def __len__(self):
        return len(self._index[1])

    def __iter__(self):
        return iter(self._index[1].values())

    def __contains__(self, key):
        return self._find(key) is not None

    def __getitem__(self, key):
        found = self._find(key)
        if found is None:
            raise MissingMemberError(f"{self._title()}: there is no array {key!r}")
        return self._lazy(*found)

    def _lazy(self, number, key):
        member = self._opened().member(number)
        if member is None:
            raise NotAnArrayError(f"{self._title()}: {key!r} is not an array; savez.load gives its bytes")
        return LazyArray(self, key, member)

    def _opened(self):
        archive = self._archive
        if archive is None:
            raise ParameterError(f"{self._title()}: the archive is closed")
        return archive

    def read_all(self, progress=None):
        """
        Read all arrays, and compare their checksums.

        Parameters
        ----------
        progress : callable, optional
            Called now and then with the number of bytes read since the last call; see `savez.progress`.

        Returns
        -------
        dict of str to ndarray

        Raises
        ------
        PythonObjectsError
            If one of them holds Python objects.

        Examples
        --------
        >>> import io
        >>> import numpy as np, savez
        >>> file = io.BytesIO()
        >>> savez.savez(file, a=np.arange(3))
        >>> savez.open(file).read_all()
        {'a': array([0, 1, 2])}
        """
        numbers, names = self._index[1].keys(), self._index[1].values()
        arrays = dict(zip(names, self._opened().read(list(numbers), dtype_of, progress)))
        for name, array in arrays.items():
            if array is None:
                # It takes more than bytes and a dtype, or is an error that says why.
                arrays[name] = self[name].read(progress)
        return arrays

    def verify(self, progress=None):
        """
        Read all bytes, those of members that are no arrays too, and compare their checksums; keep nothing.

        Parameters
        ----------
        progress : callable, optional
            Called now and then with the number of bytes read since the last call, as they are without
            compression; see `savez.progress`.

        Raises
        ------
        CorruptError
            If a member is damaged: of several, of the first.
        """
        self._opened().verify(progress)

    def __reduce__(self):
        if self._path is None or self._file is None:
            raise TypeError("an Archive can only be pickled while it is open and has a file with a name")
        return (_reopened, (self._path, self._max_header_size))

    def _title(self):
        return "archive" if self._name is None else os.fsdecode(self._name)

    def __repr__(self):
        names = list(self)
        shown = ", ".join(names[: self._MAX_REPR_ARRAY_COUNT])
        more = "..." if len(names) > self._MAX_REPR_ARRAY_COUNT else ""
        closed = " (closed)" if self._archive is None else ""
        name = "object" if self._name is None else self._name
        return f"Archive {name!r}{closed} with keys: {shown}{more}"

    def _repr_html_(self):
        from ._html import table

        rows = [("name", "dtype", "shape", "bytes", "in the file")]
        for number, name in self._index[1].items():
            rows.append((name, *self._described(number, name)))
        return table(self._title(), rows)

    def _described(self, number, name):
        if self._archive is None:
            return ("", "", "", "closed")
        method, _, stored_size = self._archive.stored(number)
        try:
            array = self._lazy(number, name)
        except Error as error:
            return ("", "", "", str(error))
        return (str(array.dtype), str(array.shape), f"{array.nbytes:,}", f"{stored_size:,} ({method})")


def _reopened(path, max_header_size):
    return open(path, max_header_size=max_header_size)


class LazyArray:
    """
    An array in an archive, its header read and its elements not.

    Got from an `Archive`. An index reads a part, and of the file not much more than the part needs: of an array
    that savez deflated, the segments in which the part lies, whose checksums are compared; of one compressed
    otherwise, all that stands in front of the part too. The checksum of the whole array is compared by `verify`,
    `read` and what comes to the same (``np.asarray``, DLPack, an index of everything).

    Attributes
    ----------
    name : str
        Under which it is in the archive.
    dtype : dtype
    shape : tuple of int
    ndim, size, nbytes : int
    order : 'C' or 'F'
        Of the elements in the file.
    stored : bool
        Whether it is not compressed.

    Notes
    -----
    Integers, slices and ``...`` read what they select. With one array of integers among them, and for a
    stored array, the rows that it names are read; in all other cases the smallest block that holds what is
    selected. What comes back is what NumPy gives for the same index, in memory of its own.

    Examples
    --------
    >>> import io
    >>> import numpy as np, savez
    >>> file = io.BytesIO()
    >>> savez.savez(file, images=np.arange(24).reshape(4, 2, 3))
    >>> images = savez.open(file)["images"]
    >>> images
    <LazyArray 'images': int64, shape (4, 2, 3), stored>
    >>> images[1:3, 0, ::-1]
    array([[ 8,  7,  6],
           [14, 13, 12]])
    >>> images[[3, 0], 1]
    array([[21, 22, 23],
           [ 3,  4,  5]])
    >>> int(np.sum(images))
    276
    """

    __module__ = "savez"

    def __init__(self, archive, name, member):
        self._archive = archive
        self._member = member
        self.name = name
        self.shape, fortran, self.dtype = format.understood(member.said, stacklevel=4)
        self.order = "F" if fortran else "C"

    @property
    def ndim(self):
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self):
        """The number of elements."""
        count = 1
        for length in self.shape:
            count *= length
        return count

    @property
    def nbytes(self):
        """The number of bytes that the elements take in memory."""
        return self.size * self.dtype.itemsize

    @property
    def stored(self):
        """Whether it is not compressed."""
        return self._member.data_offset is not None

    def read(self, progress=None, *, out=None):
        """
        Read the whole array, and compare its checksum.

        Parameters
        ----------
        progress : callable, optional
            Called now and then with the number of bytes read since the last call; see `savez.progress`.
        out : ndarray, optional
            An array to read into, which saves the time that new memory takes: of the same shape and dtype,
            contiguous in the same `order`. Nothing else may use or resize it meanwhile, not even what is
            told of progress. If reading fails, what it holds is undefined.

        Returns
        -------
        ndarray
            A new one, or `out`.

        Raises
        ------
        CorruptError
            If the bytes are damaged.
        ParameterError
            If `out` does not suit.
        PythonObjectsError
            If it holds Python objects.

        Examples
        --------
        >>> import io
        >>> import numpy as np, savez
        >>> file = io.BytesIO()
        >>> savez.savez(file, w=np.arange(3.0))
        >>> weights = np.empty(3)
        >>> savez.open(file)["w"].read(out=weights) is weights
        True
        >>> weights
        array([0., 1., 2.])
        """
        self._refuse_objects()
        if out is None:
            out = format.new_array(self.shape, self.order == "F", self.dtype)
        else:
            self._refuse_other(out)
        self._member.read_into(out, progress)
        return out

    def memmap(self, mode="r"):
        """
        Map the array instead of reading it.

        Parameters
        ----------
        mode : 'r' or 'c'
            Read-only, or copy on write: see `numpy.memmap`.

        Returns
        -------
        memmap

        Raises
        ------
        UnsupportedError
            If it is compressed, or the archive is not a file of the system's.
        """
        self._refuse_objects()
        if mode not in ("r", "c"):
            raise ParameterError(f"mode must be 'r' or 'c', not {mode!r}")
        self._archive._opened()
        if not self.stored:
            raise UnsupportedError(f"{self._title()}: the array is compressed and cannot be mapped; read it")
        if self._archive._map is None:
            raise UnsupportedError(f"{self._title()}: only arrays in real files can be mapped; read it")
        return self._archive._map.array(self._member, mode)

    def verify(self, progress=None):
        """
        Read all bytes and compare their checksum; keep nothing.

        Parameters
        ----------
        progress : callable, optional
            Called now and then with the number of bytes read since the last call, as they are without
            compression; see `savez.progress`.

        Raises
        ------
        CorruptError
            If they are damaged.
        """
        self._member.verify(progress)

    def __getitem__(self, index):
        self._refuse_objects()
        if self.dtype.itemsize == 0 or _names_fields(index):
            return self.read()[index]
        return indexed(
            self._read_part, self.shape, self.dtype.itemsize, index, self._member.random_access
        )

    def _read_part(self, blocks):
        if all(block == range(length) for block, length in zip(blocks, self.shape)):
            return self.read()
        return self._member.read_part(text(blocks), self.dtype)

    def __len__(self):
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self):
        if not self.shape:
            raise TypeError("iteration over a 0-d array")
        return self._rows()

    def _rows(self):
        """Rows, read some at a time; all at once if each read would start at the front of the array."""
        length = len(self)
        step = max(length, 1)
        if self._member.random_access:
            step = max(CHEAP * length // max(self.nbytes, 1), 1)
        for start in range(0, length, step):
            yield from self[start : start + step]

    def __array__(self, dtype=None, copy=None):
        if copy is False:
            raise ValueError(
                f"{self._title()}: an array in a file cannot be had without a copy; see `memmap`"
            )
        array = self.read()
        return array if dtype is None else array.astype(dtype, copy=False)

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        options = {"stream": stream, "max_version": max_version, "dl_device": dl_device, "copy": copy}
        # NumPy 1 knows but the first of them.
        return self.read().__dlpack__(**{key: value for key, value in options.items() if value is not None})

    def __dlpack_device__(self):
        return np.empty(0).__dlpack_device__()

    def __reduce__(self):
        return (_got, (self._archive, self.name))

    def __repr__(self):
        order = ", Fortran order" if self.order == "F" else ""
        kind = "stored" if self.stored else "compressed"
        return f"<LazyArray {self.name!r}: {self.dtype}, shape {self.shape}{order}, {kind}>"

    def _refuse_objects(self):
        if self._member.has_objects:
            raise PythonObjectsError(
                f"{self._title()}: the array holds Python objects, which only a pickle can hold; if you trust "
                "the file, use savez.load(..., allow_pickle=True)"
            )

    def _refuse_other(self, out):
        """Only what the bytes of the file can be read straight into will do."""
        if not isinstance(out, np.ndarray) or isinstance(out, np.ma.MaskedArray):
            why = f"of type {type(out).__name__}"
        elif out.dtype != self.dtype or out.shape != self.shape:
            why = f"of dtype {out.dtype} and shape {out.shape}"
        elif not (out.flags.f_contiguous if self.order == "F" else out.flags.c_contiguous):
            why = f"not contiguous in {self.order} order"
        elif not out.flags.writeable:
            why = "read-only"
        else:
            return
        raise ParameterError(
            f"{self._title()}: out is {why}; needed is a writeable array of dtype {self.dtype} and "
            f"shape {self.shape} in {self.order} order"
        )

    def _title(self):
        return f"{self._archive._title()}: {self.name!r}"


def _names_fields(index):
    if isinstance(index, list):
        return bool(index) and all(isinstance(item, str) for item in index)
    return isinstance(index, str)


def _got(archive, name):
    return archive[name]
