"""An index as NumPy takes it, applied to an array in a file: what to read, and what to take of that.

Every index is split in two: blocks, a range for each axis, which the compiled part reads; and an index into
what was read, which NumPy applies. What may be an index, and what it means, is left to NumPy.
"""

import itertools
import operator

import numpy as np

#: Blocks up to this many bytes are read at once, however little of them is wanted.
CHEAP = 1 << 20

#: So are blocks of which one row in this many is wanted.
_SPARSE = 4


def indexed(read_part, shape, itemsize, index, random_access):
    """What ``array[index]`` is of an array in memory.

    ``read_part`` reads the block that ranges select, one for each axis; with ``random_access`` many small
    blocks do as well as a large one.
    """
    items = [_item(item) for item in (index if isinstance(index, tuple) else (index,))]
    # An array of the same shape without memory: it is NumPy that refuses what does not fit.
    _ = np.broadcast_to(np.False_, shape)[tuple(items)]
    blocks, rest, arrays = _split([part for item in items for part in _without_mask(item)], shape)
    if random_access and len(arrays) == 1:
        ((place, axis),) = arrays
        rows = np.unique(rest[place])
        nbytes = itemsize
        for block in blocks:
            nbytes *= len(block)
        if nbytes > CHEAP and len(rows) * _SPARSE < len(blocks[axis]):
            rest[place] = np.searchsorted(rows, rest[place])
            return _read_rows(read_part, blocks, axis, rows)[tuple(rest)]
    return read_part(blocks)[tuple(rest)]


def _item(item):
    """None, `...`, a slice, an integer, or else an array."""
    if item is None or item is Ellipsis or isinstance(item, slice):
        return item
    if not isinstance(item, (bool, np.bool_)):
        try:
            return operator.index(item)
        except TypeError:
            pass
    array = np.asarray(item)
    # A list of nothing is no list of floats.
    return array.astype(np.intp) if array.size == 0 and isinstance(item, list) else array


def _without_mask(item):
    """A mask as NumPy sees it: as many arrays of integers as it has axes."""
    if isinstance(item, np.ndarray) and item.dtype == bool and item.ndim > 0:
        return item.nonzero()
    return (item,)


def _split(items, shape):
    """Blocks; the index into them; and where in the index, of which axis, there are arrays."""
    blocks, rest, arrays = [], [], []
    missing = len(shape) - sum(map(_takes_axis, items))
    lengths = iter(shape)
    for item in items:
        if item is Ellipsis:
            blocks.extend(map(range, itertools.islice(lengths, missing)))
        elif _takes_axis(item):
            if isinstance(item, np.ndarray):
                arrays.append((len(rest), len(blocks)))
            block, item = _split_axis(item, next(lengths))
            blocks.append(block)
        rest.append(item)
    blocks.extend(map(range, lengths))
    return blocks, rest, arrays


def _takes_axis(item):
    """Whether the item selects from an axis; None, `...`, True and False do not."""
    return (
        item is not None
        and item is not Ellipsis
        and not (isinstance(item, np.ndarray) and item.dtype == bool)
    )


def _split_axis(item, length):
    if isinstance(item, slice):
        return range(*item.indices(length)), slice(None)
    if not isinstance(item, np.ndarray):
        return range(item % length, item % length + 1), 0
    if item.size == 0:
        return range(0), item
    places = item.astype(np.intp)
    places[places < 0] += length
    first = int(places.min())
    return range(first, int(places.max()) + 1), places - first


def _read_rows(read_part, blocks, axis, rows):
    """The rows with these numbers in the block of their axis, neighbours together."""
    runs = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
    parts = [[*blocks[:axis], blocks[axis][run[0] : run[-1] + 1], *blocks[axis + 1 :]] for run in runs]
    return np.concatenate([read_part(part) for part in parts], axis)


def text(blocks):
    """Blocks as the compiled part reads them, such as ``"10:20, ::2"``."""
    return ", ".join(map(_text_of_range, blocks)) or "..."


def _text_of_range(block):
    if len(block) < 2:
        return f"{block[0]}:{block[0] + 1}" if block else "0:0"
    stop = block[-1] + (1 if block.step > 0 else -1)
    return f"{block[0]}:{'' if stop < 0 else stop}:{block.step}"
