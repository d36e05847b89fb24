"""Dtypes nested at random, with data at random: written as np.savez writes them, read as np.load."""

# ruff: noqa: SIM905 (words in one string read better than a list of strings)

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import npz

SETTINGS = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

NUMBERS = ["i1", "u1", "?"] + [
    order + code for order in "<>" for code in ("i2 u2 i4 u4 i8 u8 f2 f4 f8 f16 c8 c16 c32".split())
]
UNITS = ["", *(f"[{n}{u}]" for n in ("", "25") for u in "Y M W D h m s ms us ns ps fs as".split())]

sizes = st.integers(0, 5)
shapes = st.lists(st.integers(0, 3), min_size=1, max_size=3).map(tuple)
# Whether repr() escapes a character that is unassigned today depends on the Python version.
names = st.text(st.characters(exclude_categories=["Cs", "Cn"]), min_size=1, max_size=6)
titles = st.none() | names | st.integers(-5, 5) | st.tuples(st.integers(0, 9), st.binary(max_size=3))


@st.composite
def scalars(draw):
    kind = draw(st.sampled_from(["number", "number", "S", "U", "V", "time"]))
    if kind == "number":
        return np.dtype(draw(st.sampled_from(NUMBERS)))
    if kind == "time":
        return np.dtype(draw(st.sampled_from("<>")) + draw(st.sampled_from("Mm")) + "8" + draw(st.sampled_from(UNITS)))
    return np.dtype(f"{draw(st.sampled_from('<>'))}{kind}{draw(sizes)}")


@st.composite
def records(draw, items):
    """A record of up to five fields, packed or with padding, with titles or without."""
    fields = draw(st.lists(items, max_size=5))
    labels = draw(st.lists(names, min_size=len(fields), max_size=len(fields), unique=True))
    spoken = [draw(titles) for _ in fields]
    taken = set(labels)
    for i, title in enumerate(spoken):
        if title in taken:
            spoken[i] = None
        taken.add(title)
    gap = draw(st.sampled_from([0, 0, 0, 1, 3]))
    offsets, end = [], 0
    for field in fields:
        end += draw(st.integers(0, gap))
        offsets.append(end)
        end += field.itemsize
    end += draw(st.integers(0, gap))
    return np.dtype(
        {"names": labels, "formats": fields, "titles": spoken, "offsets": offsets, "itemsize": end}
    )


def nested(items):
    sub_arrays = st.tuples(items.filter(lambda item: item.itemsize > 0), shapes).map(np.dtype)
    return records(items | sub_arrays)


dtypes = st.recursive(scalars(), nested, max_leaves=8).filter(lambda dtype: dtype.subdtype is None)


@st.composite
def arrays(draw):
    dtype = draw(dtypes)
    shape = draw(st.lists(st.integers(0, 4), max_size=3).map(tuple))
    order = draw(st.sampled_from("CF"))
    array = np.ndarray(shape, dtype, order=order)
    content = np.random.default_rng(draw(st.integers(0, 99))).bytes(array.nbytes)
    return np.ndarray(shape, dtype, bytearray(content), order=order)


archives = st.dictionaries(names.filter(lambda name: not set(name) & set("=\0")), arrays(), max_size=3)


@SETTINGS
@given(arrays=archives)
def test_layout_numpy_is_what_savez_writes(arrays, tmp_path_factory):
    directory = tmp_path_factory.mktemp("example")
    arrays = {name: array for name, array in arrays.items() if name not in ("file", "allow_pickle")}
    out = npz.pack(directory / "out.npz", arrays, "--layout", "numpy")
    assert out.read_bytes() == npz.npz_bytes(arrays)


@SETTINGS
@given(array=arrays(), compress=st.booleans())
def test_default_layout_holds_the_same(array, compress, tmp_path_factory):
    directory = tmp_path_factory.mktemp("example")
    options = ["--compress"] if compress else []
    out = npz.pack(directory / "out.npz", {"x": array}, *options)
    npz.assert_holds(out, {"x": array})
    assert npz.ok("cat", out, "x", "--npy") == npz.numpy_reads(f"{out}.parts/0.npy")
