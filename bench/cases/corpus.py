"""Compressing and inflating one array at a time: real ones that no encoder was tuned on, and made ones of every kind.

The real ones are there if `python -m bench.corpus` has fetched them. NumPy and we save and load a file with an
array; the others compress what NumPy would put into it, header and elements, and write that. None of them takes
the CRC that a zip file has. Raw DEFLATE is what those read that know it: the member of the same file.
"""

import functools
import io
import zipfile
import zlib

import numpy as np

from .. import corpus, data, files, kinds
from ..row import OURS, Contender, Goal, Part, Row

#: Of the made arrays, in a run that is whole: 1 MiB each.
SHARE = 8

#: In a quick run: the made ones of 16 KiB, and real ones that are no larger.
QUICK_SHARE, QUICK_LARGEST = 512, 16 << 10


def rows(quick):
    parts = tuple(listed(quick))
    return [
        compressing("corpus", None, 1, Goal("numpy", 6, no_larger=1, none_larger=1.1), parts),
        compressing("corpus-2", None, 2, Goal("numpy", 11, no_larger=1, none_larger=1.1), parts),
        compressing("corpus-fast", 1, 1, Goal("numpy", 15, no_larger=1.05), parts),
        compressing("corpus-fast-2", 1, 2, None, parts),
        compressing("corpus-best", 9, 1, None, parts),
        inflating("corpus-inflate-numpys", "numpy", 1, None, parts),
        inflating("corpus-inflate-numpys-2", "numpy", 2, Goal("numpy", 2.4), parts),
        inflating("corpus-inflate-ours", OURS, 1, None, parts),
        inflating("corpus-inflate-ours-2", OURS, 2, Goal("numpy", 5), parts),
    ]


def listed(quick):
    """The arrays, as parts of a row."""
    largest = QUICK_LARGEST if quick else corpus.LARGEST
    for entry in corpus.fetched():
        if entry["nbytes"] <= largest:
            yield Part(entry["name"], entry["kind"], about(entry["dtype"], entry["shape"]), entry["nbytes"])
    for name, array in made(quick).items():
        yield Part(name, MADE, about(array.dtype, array.shape), array.nbytes)


#: The kind of those arrays that are made.
MADE = "made"


def about(dtype, shape):
    """A type and a shape in few words."""
    dtype = str(dtype)
    return f"{'records' if dtype.startswith('[') else dtype} {'×'.join(map(str, shape))}"


@functools.cache
def made(quick):
    return kinds.arrays(QUICK_SHARE if quick else SHARE, kinds.ALL)


def arrays(place):
    """All arrays by name."""
    return {
        part.name: made(place.quick)[part.name] if part.kind == MADE else corpus.array(part.name)
        for part in listed(place.quick)
    }


def compressing(name, level, cores, goal, parts):
    """The others' levels are those that their makers number alike, or that stand where ours does."""
    at = {None: 0, 1: 1, 9: 2}[level]
    deflate = (6, 1, 9)[at]
    igzip, zstd, blosc2 = (2, 0, 3)[at], (3, 1, 12)[at], (5, 1, None)[at]
    words = ("at the default level", "at level 1", "at level 9")[at]
    return Row(
        name,
        f"compress {len(parts)} arrays one by one, {words}",
        (
            Contender(OURS, each(ours(level)), needs="savez"),
            Contender("numpy", each(numpys)),
            Contender(f"zlib, level {deflate}", each(with_zlib(deflate))),
            Contender(f"zlib-rs, level {deflate}", each(with_zlib_rs(deflate)), needs="zlib_rs"),
            Contender(f"libdeflate, level {deflate}", each(with_libdeflate(deflate)), needs="deflate"),
            Contender(f"igzip, level {igzip}", each(with_igzip(igzip)), needs="isal"),
            Contender(f"zstd, level {zstd}", each(with_zstd(zstd, cores)), needs="zstandard"),
            *(
                # At its level 9 it takes ten times as long as NumPy.
                [Contender(f"blosc2, level {blosc2}", each(with_blosc2(blosc2, cores)), needs="blosc2")]
                if level != 9
                else []
            ),
            *([Contender("zarr", each(with_zarr), needs="zarr")] if level is None else []),
            *([Contender(OURS_ALONE, peer=("codec", str(deflate)))] if cores == 1 else []),
        ),
        make=list_files,
        amount=sum(part.amount for part in parts),
        check=check_saved,
        memory=True,
        cores=cores,
        rounds=3,
        suffix="",
        members=True,
        parts=parts,
        goal=goal,
    )


#: Our encoder without the rest: what its speed and size are to be compared by with those of zlib and the others.
OURS_ALONE = "savez-deflate (Rust)"


def list_files(place):
    """What the Rust program compresses: the same bytes, and a list with the bytes of an item and of a row."""
    lines = []
    for name, array in arrays(place).items():
        content = npy(array)
        (place / name).write_bytes(content)
        inner = array.shape[:1] if np.isfortran(array) else array.shape[-1:]
        row = array.itemsize * inner[0] if array.ndim > 1 else 0
        lines.append(f"{name} {array.itemsize} {row}\n")
    (place / "list").write_text("".join(lines))


def each(saving):
    """A contender's start: what saves each array, to a file of its own in the contender's directory."""

    def start(place, path):
        path.mkdir()
        return {name: saving(path / name, array) for name, array in arrays(place).items()}

    return start


def ours(level):
    def saving(path, array):
        import savez

        path = path.with_suffix(".npz")
        if level is None:
            return lambda: savez.savez_compressed(path, x=array)
        return lambda: savez.write(path, {"x": array}, compression="deflate", level=level)

    return saving


def numpys(path, array):
    path = path.with_suffix(".npz")
    return lambda: np.savez_compressed(path, x=array)


def npy(array):
    """What NumPy puts into an archive, uncompressed."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def written(path, array, compress):
    content = npy(array)
    return lambda: path.write_bytes(compress(content))


def with_zlib(level):
    return lambda path, array: written(path, array, lambda content: zlib.compress(content, level, -15))


def with_zlib_rs(level):
    def saving(path, array):
        import zlib_rs

        def compress(content):
            stream = zlib_rs.compressobj(level, zlib_rs.Z_DEFLATED, -15)
            return stream.compress(content) + stream.flush()

        return written(path, array, compress)

    return saving


def with_libdeflate(level):
    def saving(path, array):
        import deflate

        return written(path, array, lambda content: deflate.deflate_compress(content, level))

    return saving


def with_igzip(level):
    def saving(path, array):
        from isal import isal_zlib

        return written(path, array, lambda content: isal_zlib.compress(content, level, -15))

    return saving


def with_zstd(level, cores):
    def saving(path, array):
        import zstandard

        compressor = zstandard.ZstdCompressor(level=level, threads=cores if cores > 1 else 0)
        return written(path, array, compressor.compress)

    return saving


def with_blosc2(level, cores):
    def saving(path, array):
        import blosc2

        blosc2.set_nthreads(cores)
        size = array.itemsize if array.itemsize < 256 else 1
        return written(path, array, lambda content: blosc2.compress2(content, typesize=size, clevel=level))

    return saving


def with_zarr(path, array):
    import zarr

    if array.dtype.kind not in "biufc":
        # Zarr has no agreed way to store them.
        array = np.frombuffer(array.tobytes(), "u1")
    return lambda: zarr.save_array(str(path), array, mode="w")


def check_saved(place, path, results):
    """Whoever wrote files has one for each array; NumPy loads from ours what was saved."""
    expected = arrays(place)
    assert sorted(files.parts(path)) == sorted(expected)
    for archive in path.glob("*.npz"):
        with np.load(archive) as loaded:
            data.same({"x": expected[archive.stem]}, loaded)


def inflating(name, who, cores, goal, parts):
    whose = "we" if who == OURS else "NumPy"
    return Row(
        name,
        f"load {len(parts)} compressed arrays one by one that {whose} wrote",
        (
            Contender(OURS, loads(savez_load), needs="savez"),
            Contender("numpy", loads(numpy_load)),
            Contender("zlib, stream alone", streams(lambda stream, size: zlib.decompress(stream, -15, size))),
            Contender("zlib-rs, stream alone", streams(inflate_zlib_rs), needs="zlib_rs"),
            Contender("libdeflate, stream alone", streams(inflate_libdeflate), needs="deflate"),
            Contender("igzip, stream alone", streams(inflate_igzip), needs="isal"),
        ),
        amount=sum(part.amount for part in parts),
        make=lambda place: make(place, ours(None) if who == OURS else numpys),
        check=check_loaded,
        memory=True,
        cores=cores,
        rounds=3,
        parts=parts,
        goal=goal,
    )


def make(place, saving):
    (place / "input").mkdir()
    for name, array in arrays(place).items():
        saving(place / "input" / name, array)()


def loads(load):
    return lambda place, path: {
        part.name: functools.partial(load, place / "input" / f"{part.name}.npz")
        for part in listed(place.quick)
    }


def savez_load(path):
    import savez

    with savez.load(path) as archive:
        return archive["x"]


def numpy_load(path):
    with np.load(path) as archive:
        return archive["x"]


def streams(inflate):
    """A contender's start: what inflates each file's DEFLATE stream, which is in memory already."""

    def start(place, path):
        works = {}
        for part in listed(place.quick):
            stream, size = member(place / "input" / f"{part.name}.npz")
            # What did not get smaller is stored: nobody has anything to do.
            works[part.name] = (
                functools.partial(inflate, stream, size) if size else lambda stream=stream: stream
            )
        return works

    return start


def member(path):
    """The stored bytes of the one member of a zip file, and its size; 0 if it is not compressed."""
    with zipfile.ZipFile(path) as archive, open(path, "rb") as file:
        (info,) = archive.infolist()
        file.seek(info.header_offset + 26)
        name, extra = (int.from_bytes(file.read(2), "little") for _ in range(2))
        file.seek(name + extra, io.SEEK_CUR)
        stream = file.read(info.compress_size)
    return stream, info.file_size if info.compress_type == zipfile.ZIP_DEFLATED else 0


def inflate_zlib_rs(stream, size):
    import zlib_rs

    return zlib_rs.decompress(stream, -15, size)


def inflate_libdeflate(stream, size):
    import deflate

    return deflate.deflate_decompress(stream, size)


def inflate_igzip(stream, size):
    from isal import isal_zlib

    return isal_zlib.decompress(stream, -15, size)


def check_loaded(place, path, results):
    for name, array in arrays(place).items():
        found = results[name]
        if isinstance(found, np.ndarray):
            data.same({name: array}, {name: found})
        else:
            data.same({name: array}, {name: np.load(io.BytesIO(found))})
