"""What is wrong with files: errors that are also `zipfile.BadZipFile`, as NumPy raises it.

In a module of their own, loaded when there is something wrong: `zipfile` takes longer to load than all of
savez.
"""

import zipfile

from ._errors import Error


class FormatError(Error, zipfile.BadZipFile, ValueError):
    """The file breaks a rule of the npy or zip format."""

    __module__ = "savez"


class CorruptError(Error, zipfile.BadZipFile, ValueError):
    """The file was whole once: it is cut short, or a checksum does not match."""

    __module__ = "savez"
