"""Time against size, 1 KiB to 4 GiB, and against the number of members, one to a million."""

import mmap
from pathlib import Path

import numpy as np

from .. import data, files, peers
from ..row import Contender, Row

SIZES = tuple(1 << power for power in range(10, 33, 2))
COUNTS = (1, 10, 100, 1000, 10_000, 100_000, 1_000_000)
LIBRARIES = ("savez", "numpy", "safetensors")

#: From this size on memory is read into huge pages, as by NumPy and by us.
HUGE = 4 << 20

#: So many of the largest sizes are too large for the arrays and files of all contenders at once.
ALONE = 2

#: Beyond so many members NumPy takes minutes.
MOST_FOR_NUMPY = 100_000


def pages(size):
    """New pages of memory, huge ones where NumPy and we ask for them."""
    room = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if size >= HUGE:
        room.madvise(mmap.MADV_HUGEPAGE)
    return room


#: The bytes alone, which is what the machine can do.
BARE = "write(2), pread(2)"

#: The names alone, and NumPy's objects, which the more of them there are the less are in the caches.
OBJECTS = "names and objects"


def names_write(path, arrays):
    """Writes the names, of arrays that are handed over as to `savez` and looked at."""

    def write(path, **arrays):
        Path(path).write_text("\n".join(name for name, array in arrays.items() if array.nbytes))

    write(path, **arrays)


def names_read(path):
    """An array for each name, not filled."""
    return {name: np.empty(16, "f4") for name in Path(path).read_text().split("\n")}


WAYS = {
    **peers.LIBRARIES,
    BARE: (peers.raw_write, lambda path: peers.raw_read(path, pages), ""),
    OBJECTS: (names_write, names_read, ""),
}


def rows(quick):
    sizes, counts = (SIZES[:4], COUNTS[:3]) if quick else (SIZES, COUNTS)
    listed = []
    for nbytes in sizes:
        alone = nbytes in sizes[-ALONE:]
        what = (_text(nbytes), one(nbytes), nbytes, "B", (*LIBRARIES, BARE), alone)
        listed += [save(f"scaling-memory-size-{nbytes}", *what, memory=True), *both(f"size-{nbytes}", *what)]
    for count in counts:
        libraries = [name for name in (*LIBRARIES, OBJECTS) if name != "numpy" or count <= MOST_FOR_NUMPY]
        title = f"{count:,} arrays of 64 bytes"
        listed += both(f"members-{count}", title, many(count), count, "arrays", libraries)
    return listed


def both(name, *what):
    """Saving to a new file, and loading."""
    return [save(f"scaling-save-{name}", *what), load(f"scaling-load-{name}", *what)]


def save(name, title, arrays, amount, unit, libraries, alone=False, memory=False):
    """To a new file: where that is in memory, the system has nothing to write back."""
    return Row(
        name,
        f"save {title}",
        tuple(saving(library, arrays, alone) for library in libraries),
        amount=amount,
        unit=unit,
        rounds=3,
        alone=alone,
        memory=memory,
        before=files.removed,
        after=files.removed,
    )


def load(name, title, arrays, amount, unit, libraries, alone=False):
    """Repeated where it is over soon."""
    repeat = max(1, (1 << 20) // amount) if unit == "B" else max(1, 1000 // amount)
    return Row(
        name,
        f"load {title}",
        tuple(loading(library, arrays) for library in libraries),
        amount=amount,
        unit=unit,
        rounds=3,
        alone=alone,
        repeat=min(repeat, 200),
    )


def one(nbytes):
    return lambda: {"x": data.numbers(nbytes // 4)}


def many(count):
    return lambda: data.small(count)


def saving(name, arrays, alone):
    save, _, needs = WAYS[name]
    if alone:
        return Contender(name, lambda place, path: lambda what: save(path, what), source=arrays, needs=needs)

    def start(place, path):
        what = arrays()
        return lambda: save(path, what)

    return Contender(name, start, needs=needs)


def loading(name, arrays):
    save, load, needs = WAYS[name]

    def start(place, path):
        save(path, arrays())
        return lambda: load(path)

    return Contender(name, start, needs=needs)


def _text(nbytes):
    for power, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if nbytes >= 1 << power:
            return f"{nbytes >> power} {unit}"
    return f"{nbytes} B"
