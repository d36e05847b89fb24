from collections.abc import Sequence
from typing import Any, BinaryIO, Final, SupportsIndex

import numpy as np
from _typeshed import StrPath, SupportsRead, SupportsWrite
from numpy.typing import DTypeLike, NDArray
from typing_extensions import TypeAlias, TypeGuard

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

EXPECTED_KEYS: Final[set[str]]
MAGIC_PREFIX: Final = b"\x93NUMPY"
MAGIC_LEN: Final = 8
ARRAY_ALIGN: Final = 64
BUFFER_SIZE: Final = 262_144
GROWTH_AXIS_MAX_DIGITS: Final = 21
_MAX_HEADER_SIZE: Final = 10_000

_Header: TypeAlias = tuple[tuple[int, ...], bool, np.dtype[Any]]

# NumPy's: a text, or a list of fields that nests.
_Descr: TypeAlias = str | list[Any] | tuple[Any, ...]

def magic(major: int, minor: int) -> bytes: ...
def read_magic(fp: SupportsRead[bytes]) -> tuple[int, int]: ...
def drop_metadata(dtype: np.dtype[Any], /) -> np.dtype[Any]: ...
def dtype_to_descr(dtype: np.dtype[Any]) -> _Descr: ...
def descr_to_dtype(descr: _Descr) -> np.dtype[Any]: ...
def header_data_from_array_1_0(array: NDArray[Any]) -> dict[str, Any]: ...
def isfileobj(f: object) -> TypeGuard[BinaryIO]: ...
def write_array(
    fp: SupportsWrite[bytes],
    array: NDArray[Any],
    version: tuple[int, int] | None = None,
    allow_pickle: bool = True,
    pickle_kwargs: dict[str, Any] | None = None,
) -> None: ...
def write_array_header_1_0(fp: SupportsWrite[bytes], d: dict[str, Any]) -> None: ...
def write_array_header_2_0(fp: SupportsWrite[bytes], d: dict[str, Any]) -> None: ...
def read_array(
    fp: SupportsRead[bytes],
    allow_pickle: bool = False,
    pickle_kwargs: dict[str, Any] | None = None,
    *,
    max_header_size: int = 10_000,
) -> NDArray[Any]: ...
def read_array_header_1_0(fp: SupportsRead[bytes], max_header_size: int = 10_000) -> _Header: ...
def read_array_header_2_0(fp: SupportsRead[bytes], max_header_size: int = 10_000) -> _Header: ...
def open_memmap(
    filename: StrPath,
    mode: str = "r+",
    dtype: DTypeLike | None = None,
    shape: SupportsIndex | Sequence[SupportsIndex] | None = None,
    fortran_order: bool = False,
    version: tuple[int, int] | None = None,
    *,
    max_header_size: int = 10_000,
) -> np.memmap[Any, np.dtype[Any]]: ...
