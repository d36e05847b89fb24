"""What the gate replaces in NumPy, and which of NumPy's own tests it runs.

Data only: nothing here imports NumPy, so both sides of the gate may read it.
"""

from __future__ import annotations

TOP = (
    "save",
    "savez",
    "savez_compressed",
    "load",
    "savetxt",
    "loadtxt",
    "genfromtxt",
    "fromregex",
    "NpzFile",
)
"""The level ``top``: names of ``numpy`` and of the module that implements them."""

FORMAT = (
    "ARRAY_ALIGN",
    "BUFFER_SIZE",
    "EXPECTED_KEYS",
    "GROWTH_AXIS_MAX_DIGITS",
    "MAGIC_LEN",
    "MAGIC_PREFIX",
    "descr_to_dtype",
    "drop_metadata",
    "dtype_to_descr",
    "header_data_from_array_1_0",
    "isfileobj",
    "magic",
    "open_memmap",
    "read_array",
    "read_array_header_1_0",
    "read_array_header_2_0",
    "read_magic",
    "write_array",
    "write_array_header_1_0",
    "write_array_header_2_0",
)
"""The level ``format`` adds every public name of ``numpy.lib.format``."""

TOP_MODULES = ("numpy", "numpy.lib", "numpy.lib.npyio", "numpy.lib._npyio_impl")
FORMAT_MODULES = ("numpy.lib.format", "numpy.lib._format_impl")
"""Where those names are bound. NumPy 1.26 has no ``_npyio_impl`` and no ``_format_impl``."""

NEVER_CALLED = frozenset(
    {
        "format.drop_metadata",
        "format.dtype_to_descr",
        "format.header_data_from_array_1_0",
        "format.isfileobj",
        "format.write_array_header_2_0",
    }
)
"""Functions that no test of NumPy's calls where the gate puts them, only NumPy's own code. All others must be called."""

TESTS: dict[str, tuple[str, ...]] = {
    "numpy/lib/tests/test_io.py": (),
    "numpy/lib/tests/test_format.py": (),
    "numpy/lib/tests/test_loadtxt.py": (),
    "numpy/lib/tests/test_regression.py": ("TestRegression::test_loadtxt_fields_subarrays",),
    "numpy/{core}/tests/test_multiarray.py": (
        "TestFlags::test_xcontiguous_load_txt",  # not in 1.26
        "TestStructured::test_zero_width_string",
        "TestIO::test_roundtrip_dump_pathlib",
    ),
    "numpy/{core}/tests/test_regression.py": ("TestRegression::test_char_dump",),
    "numpy/{core}/tests/test_longdouble.py": (
        "TestFileBased::test_genfromtxt",
        "TestFileBased::test_loadtxt",
    ),
    "numpy/{core}/tests/test_custom_dtypes.py": ("TestSFloat::test_np_save_load",),  # not in 1.26
    "numpy/ma/tests/test_core.py": (
        "TestMaskedArray::test_maskedarray_tofile_raises_notimplementederror",  # not in 1.26
    ),
    "numpy/{core}/tests/test_overrides.py": (),
    "numpy/tests/test_public_api.py": (),
}
"""Test files, and the tests wanted of each (none named: all). ``{core}`` is ``core`` in NumPy 1.26, ``_core`` since."""

MENDED = {
    "numpy/lib/tests/test_format.py::test_metadata_dtype[dt0-True]": "NumPy 1.26 writes a file that np.load cannot read",
}
"""Tests that want a defect of an old NumPy, and what it is. A drop-in without the defect does not pass them."""

CHEAP_SLOW = ("test_format_2_0", "test_memmap_roundtrip")
"""Tests marked slow that take no time. The three others want 2 to 7 GB of memory."""

WARN_FREELY = ("numpy/tests/test_public_api.py",)
"""Tests that import deprecated parts of NumPy. Everywhere else a stray warning is an error."""


def wanted(nodeid: str, slow: bool) -> bool:
    """Tell whether the test item `nodeid` belongs to the gate."""
    name = nodeid.partition("[")[0]
    return may_hold(name) and not (slow and name.rpartition("::")[2] not in CHEAP_SLOW)


def may_hold(nodeid: str) -> bool:
    """Tell whether `nodeid`, a file, a class or a test without parameters, is wanted or has tests that are."""
    path, *names = nodeid.split("::")
    tests = TESTS.get(path.replace("/_core/", "/{core}/").replace("/core/", "/{core}/"), ())
    return not tests or any(test.split("::")[: len(names)] == names for test in tests)
