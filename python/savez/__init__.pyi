from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import IO, Any, ClassVar, Literal, TypeVar, overload, type_check_only
from zipfile import BadZipFile, ZipFile

import numpy as np
from _typeshed import StrOrBytesPath, StrPath, SupportsRead, SupportsWrite
from numpy import fromregex as fromregex
from numpy import genfromtxt as genfromtxt
from numpy import loadtxt as loadtxt
from numpy.typing import ArrayLike, DTypeLike, NDArray
from typing_extensions import CapsuleType, Self, TypeAlias

from . import format as format
from . import progress as progress

__all__ = [
    "Archive",
    "CorruptError",
    "Error",
    "FormatError",
    "LazyArray",
    "LimitError",
    "MaskedArrayError",
    "MissingMemberError",
    "NotAnArrayError",
    "NpzFile",
    "ParameterError",
    "PythonObjectsError",
    "UnsupportedError",
    "__version__",
    "append",
    "format",
    "fromregex",
    "genfromtxt",
    "load",
    "loadtxt",
    "open",
    "patch_numpy",
    "progress",
    "repack",
    "save",
    "savetxt",
    "savez",
    "savez_compressed",
    "write",
]

__version__: str

_T = TypeVar("_T")
_Out = TypeVar("_Out", bound=NDArray[Any])

# Is told now and then how many bytes were done since the last call.
_Progress: TypeAlias = Callable[[int], object]

# ---- saving ----------------------------------------------------------------------------------

def save(file: StrPath | SupportsWrite[bytes], arr: ArrayLike, allow_pickle: bool = True) -> None: ...
def savez(
    file: StrPath | SupportsWrite[bytes], *args: ArrayLike, allow_pickle: bool = True, **kwds: ArrayLike
) -> None: ...
def savez_compressed(
    file: StrPath | SupportsWrite[bytes], *args: ArrayLike, allow_pickle: bool = True, **kwds: ArrayLike
) -> None: ...
def savetxt(
    fname: StrPath | SupportsWrite[str] | SupportsWrite[bytes],
    X: ArrayLike,
    fmt: str | list[str] | tuple[str, ...] = "%.18e",
    delimiter: str = " ",
    newline: str = "\n",
    header: str = "",
    footer: str = "",
    comments: str = "# ",
    encoding: str | None = None,
) -> None: ...

# Two, as mypy does not see what a dict of this and that should be if there is a choice.
@overload
def write(
    file: StrPath | SupportsWrite[bytes],
    arrays: Mapping[str, ArrayLike],
    *,
    compression: Literal["deflate", "zstd"] | None = None,
    level: int | None = None,
    threads: int | None = None,
    align: int = 64,
    layout: Literal["savez", "numpy"] = "savez",
    durable: bool = False,
    atomic: bool = True,
    allow_pickle: bool = False,
    progress: _Progress | None = None,
) -> None: ...
@overload
def write(
    file: StrPath | SupportsWrite[bytes],
    arrays: Iterable[tuple[str, ArrayLike]],
    *,
    compression: Literal["deflate", "zstd"] | None = None,
    level: int | None = None,
    threads: int | None = None,
    align: int = 64,
    layout: Literal["savez", "numpy"] = "savez",
    durable: bool = False,
    atomic: bool = True,
    allow_pickle: bool = False,
    progress: _Progress | None = None,
) -> None: ...
@overload
def append(
    file: StrPath,
    arrays: Mapping[str, ArrayLike],
    *,
    compression: Literal["deflate", "zstd"] | None = None,
    level: int | None = None,
    threads: int | None = None,
    align: int = 64,
    durable: bool = False,
    allow_pickle: bool = False,
    progress: _Progress | None = None,
) -> None: ...
@overload
def append(
    file: StrPath,
    arrays: Iterable[tuple[str, ArrayLike]],
    *,
    compression: Literal["deflate", "zstd"] | None = None,
    level: int | None = None,
    threads: int | None = None,
    align: int = 64,
    durable: bool = False,
    allow_pickle: bool = False,
    progress: _Progress | None = None,
) -> None: ...
def repack(
    src: StrPath,
    dst: StrPath | None = None,
    *,
    compression: Literal["keep", "deflate", "zstd"] | None = "keep",
    level: int | None = None,
    threads: int | None = None,
    align: int = 64,
    layout: Literal["savez", "numpy"] = "savez",
    durable: bool = False,
    progress: _Progress | None = None,
) -> None: ...

# ---- loading ---------------------------------------------------------------------------------

# An array, a memmap, an NpzFile or, from a pickle, anything.
def load(
    file: StrOrBytesPath | SupportsRead[bytes],
    mmap_mode: Literal["r", "readonly", "r+", "readwrite", "w+", "write", "c", "copyonwrite"] | None = None,
    allow_pickle: bool = False,
    fix_imports: bool = True,
    encoding: Literal["ASCII", "latin1", "bytes"] = "ASCII",
    *,
    max_header_size: int = 10_000,
) -> Any: ...

@type_check_only
class _BagObj:
    def __getattribute__(self, key: str) -> Any: ...
    def __dir__(self) -> list[str]: ...

# Members that are no arrays come as bytes, but who has any knows.
class NpzFile(Mapping[str, NDArray[Any]]):
    _MAX_REPR_ARRAY_COUNT: ClassVar[int]
    @cached_property
    def files(self) -> list[str]: ...
    f: _BagObj
    fid: IO[bytes] | None
    allow_pickle: bool
    max_header_size: int
    pickle_kwargs: Mapping[str, Any] | None
    def __init__(
        self,
        fid: SupportsRead[bytes],
        own_fid: bool = False,
        allow_pickle: bool = False,
        pickle_kwargs: Mapping[str, Any] | None = None,
        *,
        max_header_size: int = 10_000,
        mmap_mode: Literal["r", "readonly", "c", "copyonwrite"] | None = None,
    ) -> None: ...
    @property
    def zip(self) -> ZipFile | None: ...
    def close(self) -> None: ...
    def __del__(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def __contains__(self, key: object) -> bool: ...
    def __getitem__(self, key: str) -> NDArray[Any]: ...
    @overload
    def get(self, key: str, default: None = None, /) -> NDArray[Any] | None: ...
    @overload
    def get(self, key: str, default: NDArray[Any] | _T, /) -> NDArray[Any] | _T: ...
    def items(self) -> ItemsView[str, NDArray[Any]]: ...
    def keys(self) -> KeysView[str]: ...
    def values(self) -> ValuesView[NDArray[Any]]: ...
    def _repr_html_(self) -> str: ...

# ---- reading parts ---------------------------------------------------------------------------

def open(file: StrOrBytesPath | SupportsRead[bytes], *, max_header_size: int = 10_000) -> Archive: ...

class Archive(Mapping[str, LazyArray]):
    # `open` makes them.
    def __init__(self, file: SupportsRead[bytes], own: bool, max_header_size: int) -> None: ...
    def read_all(self, progress: _Progress | None = None) -> dict[str, NDArray[Any]]: ...
    def verify(self, progress: _Progress | None = None) -> None: ...
    def close(self) -> None: ...
    def __del__(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def __contains__(self, key: object) -> bool: ...
    def __getitem__(self, key: str) -> LazyArray: ...
    def _repr_html_(self) -> str: ...

class LazyArray:
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    order: Literal["C", "F"]
    # An `Archive` makes them.
    def __init__(self, archive: Archive, name: str, member: Any) -> None: ...
    @property
    def ndim(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def stored(self) -> bool: ...
    @overload
    def read(self, progress: _Progress | None = None, *, out: None = None) -> NDArray[Any]: ...
    @overload
    def read(self, progress: _Progress | None = None, *, out: _Out) -> _Out: ...
    def memmap(self, mode: Literal["r", "c"] = "r") -> np.memmap[Any, np.dtype[Any]]: ...
    def verify(self, progress: _Progress | None = None) -> None: ...
    # An array or, where NumPy gives one, a scalar.
    def __getitem__(self, index: Any) -> Any: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]: ...
    def __dlpack__(
        self,
        *,
        stream: None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> CapsuleType: ...
    def __dlpack_device__(self) -> tuple[Literal[1], Literal[0]]: ...

# ---- in NumPy's place ------------------------------------------------------------------------

def patch_numpy() -> ExitStack: ...

# ---- what goes wrong -------------------------------------------------------------------------

class Error(Exception): ...
class FormatError(Error, BadZipFile, ValueError): ...
class NotAnArrayError(Error, ValueError): ...
class CorruptError(Error, BadZipFile, ValueError): ...
class UnsupportedError(Error, NotImplementedError, ValueError): ...
class PythonObjectsError(Error, ValueError): ...
class LimitError(Error, ValueError): ...
class MissingMemberError(Error, KeyError): ...
class ParameterError(Error, ValueError): ...
class MaskedArrayError(Error, NotImplementedError): ...
