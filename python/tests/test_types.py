"""The types that NumPy has no names for: those of ``ml_dtypes``, and the arrays of JAX."""

import io
import os
import re
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest

import savez

EXTENSIONS = sorted(
    name
    for name in dir(ml_dtypes)
    if isinstance(getattr(ml_dtypes, name), type) and issubclass(getattr(ml_dtypes, name), np.generic)
)


@pytest.fixture(params=EXTENSIONS)
def extension(request):
    return np.dtype(getattr(ml_dtypes, request.param))


def written(writer, array):
    file = io.BytesIO()
    if writer == "save":
        savez.save(file, array)
    else:
        getattr(savez, writer)(file, x=array)
    file.seek(0)
    return file


def only(loaded):
    return loaded if isinstance(loaded, np.ndarray) else loaded["x"]


def values_of(dtype):
    """Some values, from all patterns of bits that a byte can have; bits that do not count are clear."""
    if dtype.kind == "c" or dtype.name in ("bcomplex32", "complex32"):
        return np.array([0, 1, -2 + 3j, np.inf], np.complex64).astype(dtype)
    if re.match("u?int", dtype.name):
        limits = ml_dtypes.iinfo(dtype)
        return np.arange(int(limits.min), int(limits.max) + 1).astype(dtype)
    with np.errstate(all="ignore"):
        return np.array([0, 1, 2, 0.5, -1, 448, -0.0, np.nan, np.inf], np.float32).astype(dtype)


# ---- ml_dtypes -------------------------------------------------------------------------------


def test_there_are_types_to_test():
    assert {"bfloat16", "float8_e5m2", "int4", "float4_e2m1fn"} <= set(EXTENSIONS)


def test_they_come_back_with_type_and_values(writer, extension):
    values = values_of(extension)
    for array in (values, values[::-2], values[:4].reshape(2, -1).T, values[0], values[:0]):
        found = only(savez.load(written(writer, array)))
        assert found.dtype == extension and found.shape == array.shape and found.tobytes() == array.tobytes()
        assert type(found.dtype) is type(extension) and found.flags.writeable
        np.testing.assert_array_equal(found.astype(complex), array.astype(complex))


def test_numpy_alone_reads_them_as_void(writer, extension, python, tmp_path):
    array = values_of(extension)
    (tmp_path / "x").write_bytes(written(writer, array).getvalue())
    script = (
        "import sys, numpy as np\n"
        "x = np.load(sys.argv[1]); x = x if isinstance(x, np.ndarray) else x['x']\n"
        "assert 'ml_dtypes' not in sys.modules\n"
        "print(x.dtype.str, x.shape[0], x.tobytes().hex())"
    )
    if writer == "save" and extension.name in ("bfloat16", "int4"):  # a process takes its time
        found = python(script, tmp_path / "x").split()
        assert found == [f"|V{extension.itemsize}", str(len(array)), array.tobytes().hex()]
    loaded = only(np.load(written(writer, array)))
    assert loaded.dtype == np.dtype(f"V{extension.itemsize}") and loaded.tobytes() == array.tobytes()
    assert loaded.view(extension).tobytes() == array.tobytes()


WITHOUT = """
import sys
sys.modules["ml_dtypes"] = None
import numpy as np, savez
x = savez.load(sys.argv[1])["x"]
print(x.dtype.str, x.tobytes().hex())
"""


def test_savez_without_ml_dtypes_reads_them_as_void(python, tmp_path):
    array = np.arange(3).astype(ml_dtypes.bfloat16)
    savez.savez(tmp_path / "x.npz", x=array)
    assert python(WITHOUT, tmp_path / "x.npz").split() == ["|V2", array.tobytes().hex()]


def test_they_are_mapped(extension, tmp_path):
    array = values_of(extension)
    savez.savez(tmp_path / "x.npz", x=array)
    savez.save(tmp_path / "x.npy", array)
    for found in (
        savez.load(tmp_path / "x.npz", mmap_mode="r")["x"],
        savez.load(tmp_path / "x.npy", mmap_mode="r"),
    ):
        assert type(found) is np.memmap and found.dtype == extension and found.tobytes() == array.tobytes()


def test_open_memmap_makes_files_of_them(extension, tmp_path):
    array = values_of(extension)
    mapped = savez.format.open_memmap(tmp_path / "x.npy", "w+", dtype=extension, shape=array.shape)
    mapped[...] = array
    mapped.flush()
    found = savez.load(tmp_path / "x.npy")
    assert found.dtype == extension and found.tobytes() == array.tobytes()


def test_a_void_of_two_bytes_stays_a_void(writer):
    array = np.array([b"ab", b"cd"], "V2")
    assert only(savez.load(written(writer, array))).dtype == np.dtype("V2")


def test_records_keep_them(writer, extension):
    dtype = np.dtype([("a", extension), ("b", "<i4"), ("c", extension, (2, 3)), ("d", [("e", extension), ("f", "S3")])])
    array = np.zeros(3, dtype)
    array["a"] = array["d"]["e"] = values_of(extension)[1]
    array["c"][1] = values_of(extension)[0]
    found = only(savez.load(written(writer, array)))
    assert found.dtype == dtype and found.tobytes() == array.tobytes()
    assert only(np.load(written(writer, array))).tobytes() == array.tobytes()


def test_aligned_records_keep_them(writer):
    dtype = np.dtype([("a", ml_dtypes.bfloat16), ("b", "<f8"), ("c", ml_dtypes.int4)], align=True)
    found = only(savez.load(written(writer, np.zeros(3, dtype))))
    assert found.dtype.fields == dtype.fields and found.dtype.itemsize == dtype.itemsize


# ---- JAX -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def jnp():
    return pytest.importorskip("jax.numpy")


def test_jax_loads_bfloat16_as_it_loads_numpys(jnp):
    array = np.arange(4).astype(ml_dtypes.bfloat16)
    found = jnp.load(written("save", array))
    assert found.dtype == jnp.bfloat16 and np.array_equal(np.asarray(found), array)


def test_arrays_of_jax_go_there_and_back(jnp, writer, extension):
    try:
        array = jnp.asarray(values_of(extension))
    except Exception as error:
        pytest.skip(f"JAX cannot hold {extension}: {str(error).splitlines()[0]}")
    found = only(savez.load(written(writer, array)))
    assert found.dtype == extension and found.tobytes() == np.asarray(array).tobytes()
    assert jnp.asarray(found).dtype == array.dtype


# What JAX tests of `jnp.load`, in tests/lax_numpy_test.py.
@pytest.mark.parametrize("name", ["bfloat16", "float16", "float32", "float64", "object"])
@pytest.mark.parametrize("allow_pickle", [True, False])
def test_jax_s_own_test_of_load(jnp, name, allow_pickle):
    dtype = np.dtype(object) if name == "object" else np.dtype(getattr(ml_dtypes, name, name))
    if dtype.kind == "O" and not allow_pickle:
        with pytest.raises(ValueError, match="Object arrays cannot be saved when allow_pickle=False"):
            savez.save(io.BytesIO(), np.array([1, 2], object), allow_pickle=False)
        return
    array = np.random.default_rng(0).random(10).astype(dtype)
    file = io.BytesIO()
    savez.save(file, array, allow_pickle=allow_pickle)
    file.seek(0)
    found = savez.load(file, allow_pickle=allow_pickle)
    assert found.dtype == dtype and found.tolist() == array.tolist()
    if array.dtype.kind != "O":
        file.seek(0)
        assert np.array_equal(jnp.load(file, allow_pickle=allow_pickle).astype(float), array.astype("f4").astype(float))


def test_typed_keys_are_refused_with_a_remedy(jnp, writer):
    import jax

    keys = jax.random.split(jax.random.key(0), 3)
    with pytest.raises(TypeError, match=r"jax\.random\.key_data.*wrap_key_data"):
        written(writer, keys)
    again = jax.random.wrap_key_data(only(savez.load(written(writer, jax.random.key_data(keys)))))
    assert (jax.random.key_data(again) == jax.random.key_data(keys)).all()


def test_tracers_and_deleted_arrays_get_jax_s_own_errors(jnp):
    import jax

    with pytest.raises(jax.errors.TracerArrayConversionError):
        jax.jit(lambda x: written("savez", x))(jnp.ones(3))
    gone = jnp.ones(3) + 1
    gone.delete()
    with pytest.raises(RuntimeError, match="deleted"):
        written("savez", gone)


ON_FOUR_DEVICES = """
import io
import jax, jax.numpy as jnp, numpy as np, savez
from jax.sharding import Mesh, NamedSharding, PartitionSpec as P
assert jax.device_count() == 4
mesh = Mesh(np.array(jax.devices()).reshape(2, 2), ("x", "y"))
whole = np.arange(64).reshape(8, 8)
for dtype in (jnp.bfloat16, jnp.float32, jnp.int8):
    for spec in (P("x"), P("x", "y"), P(None, "y"), P(("x", "y")), P()):
        array = jax.device_put(jnp.asarray(whole, dtype), NamedSharding(mesh, spec))
        for write in (savez.savez, savez.savez_compressed):
            file = io.BytesIO()
            write(file, x=array)
            assert array._npy_value is None, spec
            file.seek(0)
            found = savez.load(file)["x"]
            assert found.dtype == array.dtype and np.array_equal(found.astype(int), whole), spec
        file = io.BytesIO()
        savez.save(file, array)
        assert array._npy_value is None, spec
        file.seek(0)
        assert np.array_equal(savez.load(file).astype(int), whole), spec
print("ok")
"""


def test_arrays_on_several_devices_are_saved_and_no_copy_stays_on_them(jnp, python):
    env = {"XLA_FLAGS": "--xla_force_host_platform_device_count=4", "JAX_PLATFORMS": "cpu"}
    assert python(ON_FOUR_DEVICES, env=env).strip() == "ok"


def test_no_copy_stays_on_an_array_of_one_device(jnp, writer):
    array = jnp.arange(5) + 1
    assert only(savez.load(written(writer, array))).tolist() == [1, 2, 3, 4, 5]
    assert array._npy_value is None


# ---- imports ---------------------------------------------------------------------------------


def test_importing_it_imports_neither_jax_nor_ml_dtypes(python):
    script = """
import io, sys, numpy as np, savez
file = io.BytesIO()
savez.savez(file, x=np.arange(3), r=np.zeros(2, [("a", "i4")]))
file.seek(0)
savez.load(file)["r"]
print([name for name in ("jax", "ml_dtypes", "tqdm", "rich") if name in sys.modules])
"""
    assert python(script).strip() == "[]"


def test_importing_it_takes_little_time(tmp_path):
    # With compiled modules, as they are after the first time.
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    times = []
    for _ in range(4):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", "import numpy; import savez"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        line = next(line for line in done.stderr.splitlines() if line.split("|")[-1].strip() == "savez")
        times.append(int(line.split("|")[1]) / 1000)
    print(f"import savez takes {min(times):.1f} ms beside NumPy")
    assert min(times) < 100
