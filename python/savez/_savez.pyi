from collections.abc import Callable, Iterable, Sequence
from typing import Any, final

import numpy as np
from _typeshed import StrPath
from numpy.typing import NDArray
from typing_extensions import TypeAlias

__all__ = [
    "Archive",
    "Member",
    "__version__",
    "open_npy",
    "parse_header",
    "read_table",
    "render_header",
    "run_npz",
    "write_bytes",
    "write_npy",
    "write_npz",
]

__version__: str

# Dtype as text; the same with void for names that NumPy does not know, if any; shape; whether in Fortran
# order; whether Python 2 wrote it.
_Said: TypeAlias = tuple[str, str | None, list[int], bool, bool]

@final
class Archive:
    def __new__(
        cls,
        *,
        path: StrPath | None = None,
        descriptor: int | None = None,
        file: object | None = None,
        max_chars: int = 10_000,
    ) -> Archive: ...
    @property
    def member_names(self) -> list[str]: ...
    def member(self, number: int) -> Member | None: ...
    def raw(self, number: int) -> bytes: ...
    def stored(self, number: int) -> tuple[str, int, int]: ...

@final
class Member:
    @property
    def said(self) -> _Said: ...
    @property
    def has_objects(self) -> bool: ...
    @property
    def data_offset(self) -> int | None: ...
    def read_into(self, array: NDArray[Any], progress: Callable[[int], object] | None = None) -> None: ...
    def read_part(self, selection: str) -> tuple[bytearray, list[int], bool]: ...
    def read_data(self) -> bytes: ...
    def verify(self) -> None: ...

def open_npy(path: StrPath, max_chars: int) -> Member: ...
def render_header(descr: str, shape: Sequence[int], fortran: bool, version: int | None = None) -> bytes: ...
def parse_header(bytes: bytes, max_chars: int) -> _Said: ...
def write_npy(path: StrPath, array: NDArray[Any], descr: str) -> None: ...
def write_bytes(path: StrPath, bytes: bytes) -> None: ...
def write_npz(
    target: object,
    items: Iterable[tuple[str, NDArray[Any], str] | tuple[str, bytes, None]],
    *,
    seekable: bool | None = None,
    level: int | None = None,
    numpy_style: bool = False,
    align: int = 64,
    atomic: bool = True,
    durable: bool = False,
    progress: Callable[[int], object] | None = None,
) -> None: ...
def run_npz(arguments: Sequence[str | bytes]) -> int: ...
def read_table(
    source: object,
    dtype: np.dtype[Any],
    columns: Sequence[tuple[str, int, int, bool]],
    *,
    is_record: bool,
    is_path: bool,
    delimiter: int | None,
    comments: Sequence[bytes],
    quote: int | None,
    encoding: str,
    any_line_end: bool,
    usecols: Sequence[int] | None,
    skiprows: int,
    max_rows: int | None,
) -> tuple[NDArray[Any], int, bool, bool] | None: ...
