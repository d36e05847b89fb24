"""Files before, after and between runs."""

import contextlib
import os
import shutil
import zipfile


def removed(path):
    """There is no such file or directory."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def settled(path):
    """What was written is on the disk, so that nobody else's time goes into that."""
    for descriptor in _opened(path):
        os.fsync(descriptor)


def drop_from_cache(path):
    """The system has no copy of the file in memory."""
    settled(path)
    for descriptor in _opened(path):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def alone_in_cache(path, directory):
    """Of all files in the directory, the system has those at the path in memory, and no other."""
    own = set(_files(path))
    for file in set(_files(directory)) - own:
        drop_from_cache(file)
    piece = memoryview(bytearray(1 << 20))
    for file in own:
        with contextlib.suppress(FileNotFoundError), open(file, "rb", buffering=0) as bytes:
            while bytes.readinto(piece):
                pass


def _opened(path):
    """Each file, open; those that are gone meanwhile left out."""
    for file in _files(path):
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(file, os.O_RDONLY)
            try:
                yield descriptor
            finally:
                os.close(descriptor)


def size(path):
    """Bytes of a file, or of all files in a directory."""
    return sum(file.stat().st_size for file in _files(path))


def members(path):
    """Stored bytes of each member of a zip file; None if it is none."""
    if path.is_dir() or not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as archive:
        return {member.filename: member.compress_size for member in archive.infolist()}


def parts(directory):
    """Bytes of each file or directory in a directory, by its name; of zip files the stored bytes of what is in them."""
    return {
        entry.name.partition(".")[0]: sum(inside.values()) if (inside := members(entry)) else size(entry)
        for entry in directory.iterdir()
    }


class Sparse:
    """A file to be written, whose zeros take no room on the disk."""

    def __init__(self, path):
        self._file = open(path, "wb")

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        # Zeros at the end were passed over, not written.
        self._file.truncate()
        self._file.close()

    def write(self, piece):
        if piece.count(0) == len(piece):
            self._file.seek(len(piece), 1)
        else:
            self._file.write(piece)
        return len(piece)

    def seek(self, *where):
        return self._file.seek(*where)

    def tell(self):
        return self._file.tell()

    def flush(self):
        self._file.flush()


def _files(path):
    return [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
