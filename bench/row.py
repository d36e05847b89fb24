"""What is measured: a `Row` is one piece of work, its `Contender`s are those who do it.

Rows are plain data that the runner and its worker processes build alike, each from the topic's `rows()`.
"""

import dataclasses
import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

MIB = 1 << 20

#: Whose times all others are divided by: the Python package, or among crates the Rust one.
OURS = "savez"
OURS_RUST = "savez (Rust)"


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a row works, and whether it is to be over soon."""

    directory: Path
    quick: bool

    def __truediv__(self, name):
        return self.directory / name


@dataclasses.dataclass(frozen=True)
class Contender:
    """
    One way to do the work.

    Attributes
    ----------
    start : callable, optional
        Called once in a process of its own with the place and the contender's path, before time is taken;
        gives what is timed, a callable without arguments; for a row of parts one for each, by name.
    peer : tuple of str
        Instead of `start`: what the Rust program of `bench/peers` is told, the path follows.
    needs : str
        The module without which it cannot run.
    source : callable, optional
        Makes what the work is done on, anew before every run and outside of the time; what is timed is then
        called with it. So nobody's arrays take memory while others run.
    """

    name: str
    start: Callable | None = None
    peer: tuple[str, ...] = ()
    needs: str = ""
    source: Callable | None = None

    @property
    def is_rust(self):
        return bool(self.peer)

    def path(self, row, place):
        """The file of its own."""
        return place / (re.sub(r"\W+", "-", self.name).strip("-") + row.suffix)

    def is_there(self, peers):
        """Whether it can run: its module is installed, the Rust program is built."""
        if self.is_rust:
            return peers is not None
        return not self.needs or importlib.util.find_spec(self.needs.partition(".")[0]) is not None


@dataclasses.dataclass(frozen=True)
class Goal:
    """
    What we want to reach.

    Attributes
    ----------
    against, at_least : str, float
        So many times the speed of that contender.
    no_larger : float
        And members at most so many times as large as those of `against`, in the geometric mean.
    none_larger : float
        And no member more than so many times as large.
    seconds : float
        Instead: so long for one unit of work.
    share_read : float
        Instead: at most this part of the bytes is read that `against` reads.
    """

    against: str = ""
    at_least: float = 0.0
    no_larger: float = 0.0
    none_larger: float = 0.0
    seconds: float = 0.0
    share_read: float = 0.0

    def __str__(self):
        if self.share_read:
            return f"at most {self.share_read:.0%} of the bytes read that {self.against} reads"
        if self.seconds:
            return f"at most {self.seconds * 1e6:,.0f} µs"
        size = f", members at most {self.no_larger:g} × as large" if self.no_larger else ""
        size += f", none more than {self.none_larger:g} ×" if self.none_larger else ""
        return f"at least {self.at_least:g} × the speed of {self.against}{size}"


@dataclasses.dataclass(frozen=True)
class Part:
    """One of the things that a row does its work on: what it is called, of which kind it is, and its bytes."""

    name: str
    kind: str
    about: str
    amount: int


@dataclasses.dataclass(frozen=True)
class Row:
    """
    One piece of work, done by several.

    Attributes
    ----------
    amount, unit : float, str
        How much work it is: bytes (``"B"``) or a number of things, for rates.
    repeat : int
        How often the work is done while the clock runs; for what is over in microseconds.
    make : callable, optional
        Makes files that all contenders read. Called once, in a process of its own.
    check : callable, optional
        Called in the worker after the first run, with the place, the contender's path and what the run
        returned; raises if the work was not done.
    before, after : callable, optional
        Called with the contender's path around every run, outside of the time.
    memory : bool
        Whether the files are in memory (tmpfs), not on a disk.
    cold : bool
        Whether the files are taken out of the page cache before every run; otherwise they are in it.
    alone : bool
        Whether there is not memory enough for the arrays and files of all contenders: they get ready one after the
        other, and before every run all files but the contender's own are taken out of the page cache, and its own is
        put there.
    cores : int
        How many cores the processes may use.
    rounds : int
        Of a run that is not quick, at least.
    suffix : str
        Of the contenders' files.
    members : bool
        Whether the sizes of the members of their zip files are of interest.
    parts : tuple of Part
        Things on which the work is done one by one, each timed on its own, in all contenders before the
        next. The row's times are the sums, so what takes long counts for more. Whoever writes has a
        directory, with a file for each. There is no `repeat`: what is over soon is done more often, and no
        `before`, `after` or `cold`.
    """

    name: str
    title: str
    contenders: tuple[Contender, ...]
    amount: float
    unit: str = "B"
    goal: Goal | None = None
    repeat: int = 1
    make: Callable | None = None
    check: Callable | None = None
    before: Callable | None = None
    after: Callable | None = None
    memory: bool = False
    cold: bool = False
    alone: bool = False
    cores: int = 1
    rounds: int = 5
    suffix: str = ".npz"
    members: bool = False
    parts: tuple[Part, ...] = ()

    def contender(self, name):
        return next(c for c in self.contenders if c.name == name)

    @property
    def conditions(self):
        """Where, in which state of the page cache, on how many cores."""
        where = "tmpfs" if self.memory else "disk"
        cache = "not in page cache" if self.cold else "in page cache"
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        return f"{where}, {cache}, {cores}"
