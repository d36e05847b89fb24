"""Arrays of an archive mapped into memory, as `numpy.memmap`."""

import math
import mmap

import numpy as np

from . import format


class FileMap:
    """
    Maps arrays of an open file.

    A map takes a file descriptor, of which a process may have no more than 1,024 as a rule. So for reading the whole
    file is mapped, once. Arrays to write to have a map each: what they copy goes with them.
    """

    def __init__(self, file, path):
        self._file, self._path = file, path
        self._whole = None

    def array(self, member, mode):
        """The array of a stored member; `mode` is ``'r'`` or ``'c'``."""
        shape, fortran, dtype = format.understood(member.said)
        offset, order = member.data_offset, "F" if fortran else "C"
        nbytes = dtype.itemsize * math.prod(shape)
        if nbytes == 0:
            return np.memmap(self._file, dtype, mode, offset, shape, order)
        # What `numpy.memmap` does, in half the time: it looks up where the file ends, which our reader has seen to.
        mapped, at = self._bytes(offset, nbytes, mode)
        array = np.ndarray.__new__(np.memmap, shape, dtype, mapped, at, None, order)
        array._mmap = mapped
        array.offset = offset
        array.mode = mode
        array.filename = self._path if isinstance(self._path, str) else None
        return array

    def _bytes(self, offset, nbytes, mode):
        """A map with so many bytes of the file, and where in it they begin."""
        whole = self._mapped() if mode == "r" else None
        if whole is not None and offset + nbytes <= len(whole):
            return whole, offset
        behind = offset % mmap.ALLOCATIONGRANULARITY
        access = mmap.ACCESS_READ if mode == "r" else mmap.ACCESS_COPY
        # An error if the file is shorter than it was.
        return mmap.mmap(self._file.fileno(), behind + nbytes, access=access, offset=offset - behind), behind

    def _mapped(self):
        """The whole file; None if there is no room for it, as there may be for a part."""
        if self._whole is None:
            try:
                self._whole = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
            except (OSError, OverflowError, ValueError):
                return None
        return self._whole
