from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

__all__ = ["rich", "tqdm"]

# The options are those of packages that need not be there.
def tqdm(
    total: float | None = None, **options: Any
) -> AbstractContextManager[Callable[[int], object], None]: ...
def rich(
    total: float | None = None, *, description: str = "", **options: Any
) -> AbstractContextManager[Callable[[int], object], None]: ...
