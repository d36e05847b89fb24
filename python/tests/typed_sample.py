"""Every public name of `savez` in use, for ``mypy --strict`` and for a run."""

import io
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import savez
from savez import format, progress

ERRORS: list[type[savez.Error]] = [
    savez.CorruptError,
    savez.FormatError,
    savez.LimitError,
    savez.MaskedArrayError,
    savez.MissingMemberError,
    savez.NotAnArrayError,
    savez.ParameterError,
    savez.PythonObjectsError,
    savez.UnsupportedError,
]


def save_and_load(folder: Path) -> None:
    savez.save(folder / "x.npy", [1, 2, 3])
    savez.save(io.BytesIO(), np.arange(3), allow_pickle=False)
    savez.savez(folder / "y.npz", np.zeros(2), w=1.5, allow_pickle=False)
    savez.savez_compressed(str(folder / "z"), [[1]], w=np.arange(3))
    array: npt.NDArray[np.int64] = savez.load(folder / "x.npy")
    mapped = savez.load(os.fsencode(folder / "y.npz"), mmap_mode="r")
    with savez.load(io.BytesIO((folder / "y.npz").read_bytes()), max_header_size=500) as data:
        assert isinstance(data, savez.NpzFile)
        names: list[str] = data.files
        first: npt.NDArray[Any] = data["arr_0"]
        w = data.f.w
        fid = data.fid
        default = data.get("no", 3)
        if data.zip is not None:
            data.zip.namelist()
        print(list(data.keys()), list(data.values()))
        for name, value in data.items():
            print(name, value.shape)
    mapped.close()
    print(array, names, first, w, fid, default, len(data), "w" in data)


def write(folder: Path) -> None:
    done: list[int] = []
    savez.write(folder / "a.npz", {"w": np.eye(3), "layer 1/b": [1, 2]}, compression="deflate", level=1)
    savez.write(
        folder / "b.npz",
        ((str(number), np.full((2, 3), number)) for number in range(3)),
        align=4096,
        layout="savez",
        durable=True,
        atomic=False,
        allow_pickle=True,
        progress=done.append,
    )
    savez.write(folder / "copy.npz", savez.open(folder / "a.npz"), layout="numpy")
    savez.append(folder / "copy.npz", {"w": 1}, compression="deflate", level=1, align=1, progress=done.append)
    savez.append(folder / "copy.npz", [("x", [1, 2])], durable=True, allow_pickle=True)
    savez.repack(folder / "copy.npz")
    savez.repack(folder / "copy.npz", "new.npz", compression="zstd", level=1, threads=2, progress=done.append)
    savez.repack("new.npz", compression=None, align=4096, layout="numpy", durable=True)


def parts(folder: Path) -> None:
    with savez.open(folder / "b.npz", max_header_size=500) as archive:
        lazy: savez.LazyArray = archive["0"]
        facts: tuple[str, tuple[int, ...], np.dtype[Any], int, int, int, str, bool] = (
            lazy.name,
            lazy.shape,
            lazy.dtype,
            lazy.ndim,
            lazy.size,
            lazy.nbytes,
            lazy.order,
            lazy.stored,
        )
        part = lazy[1:, ..., ::-2]
        rows = [row.sum() for row in lazy]
        whole: npt.NDArray[Any] = lazy.read(progress=print)
        again: npt.NDArray[np.int64] = lazy.read(out=np.empty((2, 3), np.int64))
        same = np.asarray(lazy, dtype=np.float32)
        shared = np.from_dlpack(lazy)
        mapped: np.memmap[Any, Any] = lazy.memmap("c")
        lazy.verify()
        archive.verify()
        everything: dict[str, npt.NDArray[Any]] = archive.read_all()
        maybe: savez.LazyArray | None = archive.get("no")
        total = sum(array.nbytes for array in archive.values())
        with progress.tqdm(total, disable=True) as bar:
            archive.read_all(progress=bar)
        with progress.rich(total, description="reading", disable=True) as bar:
            archive.read_all(bar)
    print(facts, part, rows, whole, again, same, shared, mapped, everything, maybe, lazy.__dlpack_device__())
    opened: savez.Archive = savez.open(io.BytesIO((folder / "b.npz").read_bytes()))
    opened.close()


def text(folder: Path) -> None:
    savez.savetxt(folder / "t.txt", np.eye(2))
    print(savez.loadtxt(folder / "t.txt"), savez.genfromtxt(folder / "t.txt"))
    print(savez.fromregex(folder / "t.txt", r"(\d)\.", [("digit", "i4")]))


def npy(folder: Path) -> None:
    file = io.BytesIO()
    format.write_array(file, np.arange(3), version=(2, 0), allow_pickle=False)
    file.seek(0)
    version = format.read_magic(file)
    shape, fortran, dtype = format.read_array_header_2_0(file, max_header_size=500)
    file = io.BytesIO()
    header = format.header_data_from_array_1_0(np.arange(3))
    format.write_array_header_1_0(file, header)
    format.write_array_header_2_0(io.BytesIO(), header)
    file.seek(len(format.magic(1, 0)))
    format.read_array_header_1_0(file)
    file = io.BytesIO()
    format.write_array(file, np.zeros(3))
    file.seek(0)
    array: npt.NDArray[Any] = format.read_array(file)
    mapped = format.open_memmap(folder / "m.npy", "w+", np.float32, [np.int64(2), 3])
    mapped[:] = 1
    descr = format.dtype_to_descr(np.dtype([("a", "<i4")]))
    print(version, shape, fortran, dtype, array, format.descr_to_dtype(descr), format.isfileobj(file))
    print(format.drop_metadata(np.dtype("i4", metadata={"a": 1})))
    print(format.ARRAY_ALIGN, format.BUFFER_SIZE, format.EXPECTED_KEYS, format.GROWTH_AXIS_MAX_DIGITS)
    print(format.MAGIC_LEN, format.MAGIC_PREFIX)


def fail(folder: Path) -> None:
    try:
        savez.open(folder / "a.npz")["no"]
    except savez.MissingMemberError as error:
        print(error, isinstance(error, KeyError), savez.__version__, ERRORS)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, savez.patch_numpy():
        for show in (save_and_load, write, parts, text, npy, fail):
            show(Path(folder))
    undo = savez.patch_numpy()
    undo.close()


if __name__ == "__main__":
    main()
