from collections.abc import Callable, Iterable, Sequence
from typing import Any, final

import numpy as np
from _typeshed import StrPath
from numpy.typing import NDArray
from typing_extensions import TypeAlias

__all__ = [
    "Archive",
    "Member",
    "NewFile",
    "__version__",
    "open_npy",
    "parse_header",
    "read_table",
    "render_header",
    "repack_npz",
    "run_npz",
    "save_text",
    "taking_all",
    "write_bytes",
    "write_npy",
    "write_npz",
    "write_text",
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
    def closed(self) -> Archive: ...
    def __len__(self) -> int: ...
    @property
    def all_npy(self) -> bool: ...
    @property
    def member_names(self) -> list[str]: ...
    @property
    def names(self) -> list[str]: ...
    def member_name(self, number: int) -> str: ...
    def find(self, name: str) -> int | None: ...
    def read(
        self,
        numbers: Sequence[int],
        dtype_of: Callable[[str, str | None], np.dtype[Any]],
        progress: Callable[[int], object] | None = None,
    ) -> list[NDArray[Any] | None]: ...
    def get(
        self, name: object, dtype_of: Callable[[str, str | None], np.dtype[Any]]
    ) -> NDArray[Any] | None: ...
    def member(self, number: int) -> Member | None: ...
    def raw(self, number: int) -> bytes: ...
    def verify(self, progress: Callable[[int], object] | None = None) -> None: ...
    def stored(self, number: int) -> tuple[str, int, int]: ...

@final
class Member:
    @property
    def said(self) -> _Said: ...
    @property
    def has_objects(self) -> bool: ...
    @property
    def data_offset(self) -> int | None: ...
    @property
    def random_access(self) -> bool: ...
    def read_into(self, array: NDArray[Any], progress: Callable[[int], object] | None = None) -> None: ...
    def read_part(self, selection: str, dtype: np.dtype[Any]) -> NDArray[Any]: ...
    def read_data(self) -> bytes: ...
    def verify(self, progress: Callable[[int], object] | None = None) -> None: ...

def open_npy(path: StrPath, max_chars: int) -> Member: ...
def render_header(descr: str, shape: Sequence[int], fortran: bool, version: int | None = None) -> bytes: ...
def parse_header(bytes: bytes, max_chars: int) -> _Said: ...
def write_npy(path: StrPath, array: NDArray[Any], descr: str) -> None: ...
def write_bytes(path: StrPath, bytes: bytes) -> None: ...
def write_npz(
    target: object,
    pairs: Iterable[tuple[str, Any]],
    item: Callable[[tuple[str, Any]], tuple[str, NDArray[Any], str] | tuple[str, bytes, None]],
    *,
    seekable: bool | None = None,
    append: bool = False,
    compression: str | None = None,
    level: int = 0,
    numpy_style: bool = False,
    align: int = 64,
    threads: int | None = None,
    atomic: bool = True,
    durable: bool = False,
    progress: Callable[[int], object] | None = None,
) -> None: ...
def repack_npz(
    src: StrPath,
    dst: StrPath,
    *,
    compression: str | None = None,
    keep_compression: bool = False,
    level: int = 0,
    numpy_style: bool = False,
    align: int = 64,
    threads: int | None = None,
    durable: bool = False,
    progress: Callable[[int], object] | None = None,
) -> None: ...

# Array, dtype as text, format of a row, what ends it; how scalars print themselves: whether with their
# type, whether short floats soon take an exponent.
_Table: TypeAlias = tuple[NDArray[Any], str, str, str, bool, bool]

def save_text(path: StrPath, table: _Table, head: bytes, foot: bytes, gzip: bool, ascii: bool) -> int | None: ...
def write_text(write: Callable[[str], object], table: _Table) -> int | None: ...
@final
class NewFile:
    def __new__(cls, path: StrPath) -> NewFile: ...
    def write(self, bytes: bytes) -> None: ...
    def finish(self) -> None: ...

def taking_all(taker: Callable[[tuple[Any, ...], dict[str, Any]], Any]) -> Callable[..., Any]: ...
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
