"""Names, signatures and dispatch are NumPy's, and the examples in docstrings run."""

import copy
import doctest
import importlib
import inspect
import io
import pickle
import pkgutil
import pydoc

import numpy as np
import pytest

import savez

TOP = ["save", "savez", "savez_compressed", "load", "savetxt"]
FORMAT = [
    "open_memmap",
    "write_array",
    "read_array",
    "read_array_header_1_0",
    "read_array_header_2_0",
    "read_magic",
    "magic",
    "write_array_header_1_0",
    "write_array_header_2_0",
    "descr_to_dtype",
    "dtype_to_descr",
    "header_data_from_array_1_0",
]


def parameters(function):
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.4.0", reason="other signatures")
@pytest.mark.parametrize("name", TOP)
def test_functions_are_called_as_numpys(name):
    assert parameters(getattr(savez, name)) == parameters(getattr(np, name))


@pytest.mark.parametrize("name", FORMAT)
def test_functions_of_format_are_called_as_numpys(name):
    assert parameters(getattr(savez.format, name)) == parameters(getattr(np.lib.format, name))


def test_npzfile_is_made_as_numpys():
    ours, theirs = (parameters(thing.__init__) for thing in (savez.NpzFile, np.lib.npyio.NpzFile))
    assert ours[: len(theirs)] == theirs


def test_npzfile_has_what_numpys_has(tmp_path):
    np.savez(tmp_path / "x.npz", a=1)
    with np.load(tmp_path / "x.npz") as theirs, savez.load(tmp_path / "x.npz") as ours:
        assert {name for name in dir(theirs) if not name.startswith("_")} <= set(dir(ours))
    for name, function in inspect.getmembers(np.lib.npyio.NpzFile, inspect.isfunction):
        if not name.startswith("_"):
            assert parameters(getattr(savez.NpzFile, name)) == parameters(function), name


def test_format_has_what_numpys_has():
    missing = {name for name in dir(np.lib.format) if not name.startswith("_")} - set(dir(savez.format))
    assert missing <= {"annotations", "absolute_import"}


@pytest.mark.parametrize("module", [savez, savez.format])
def test_every_public_name_is_there_and_says_where_it_lives(module):
    assert len(set(module.__all__)) == len(module.__all__)
    for name in module.__all__:
        assert hasattr(module, name), name


@pytest.mark.parametrize("name", TOP)
def test_functions_are_pickled_by_name(name):
    function = getattr(savez, name)
    assert pickle.loads(pickle.dumps(function)) is function and function.__name__ == name


@pytest.mark.parametrize("name", [n for n in savez.__all__ if inspect.isclass(getattr(savez, n)) and n != "NpzFile"])
def test_classes_say_that_they_live_in_savez(name):
    assert getattr(savez, name).__module__ == "savez"


@pytest.mark.parametrize(
    "name, bases",
    [
        ("FormatError", ("zipfile.BadZipFile", "builtins.ValueError")),
        ("CorruptError", ("zipfile.BadZipFile", "builtins.ValueError")),
        ("NotAnArrayError", ("builtins.ValueError",)),
        ("UnsupportedError", ("builtins.NotImplementedError",)),
        ("PythonObjectsError", ("builtins.ValueError",)),
        ("LimitError", ("builtins.ValueError",)),
        ("MissingMemberError", ("builtins.KeyError",)),
        ("ParameterError", ("builtins.ValueError",)),
        ("MaskedArrayError", ("builtins.NotImplementedError",)),
    ],
)
def test_errors_are_what_numpy_raises_in_their_place(name, bases):
    error = getattr(savez, name)
    assert issubclass(error, savez.Error)
    for base in bases:
        module, _, base = base.rpartition(".")
        assert issubclass(error, getattr(importlib.import_module(module), base))
    again = pickle.loads(pickle.dumps(error("some words")))
    assert type(again) is error and str(again) == "some words"


# ---- dispatch --------------------------------------------------------------------------------


class Duck:
    """An array that wants to be asked (NEP 18)."""

    def __init__(self):
        self.asked = []

    def __array_function__(self, function, types, args, kwargs):
        self.asked.append((function, args, kwargs))
        return "mine"

    def __array__(self, dtype=None, copy=None):
        raise AssertionError("made dense")


def test_the_writers_ask_arrays_that_want_to_be_asked(tmp_path):
    for call in (
        lambda duck: savez.save(tmp_path / "x", duck),
        lambda duck: savez.save(tmp_path / "x", arr=duck),
        lambda duck: savez.savez(tmp_path / "x", np.ones(2), duck),
        lambda duck: savez.savez(tmp_path / "x", np.ones(2), x=duck),
        lambda duck: savez.savez_compressed(tmp_path / "x", duck),
        lambda duck: savez.savez_compressed(tmp_path / "x", x=duck, allow_pickle=False),
    ):
        duck = Duck()
        assert call(duck) == "mine"
        assert len(duck.asked) == 1 and duck.asked[0][0] in (savez.save, savez.savez, savez.savez_compressed)
    assert list(tmp_path.iterdir()) == []


def test_who_refuses_is_reported(tmp_path):
    class Refuses(Duck):
        def __array_function__(self, function, types, args, kwargs):
            return NotImplemented

    with pytest.raises(TypeError, match="no implementation found for 'savez"):
        savez.savez(tmp_path / "x", Refuses())


class Told(np.ndarray):
    """An array of NumPy's kind that takes note of being asked, and has NumPy's way."""

    told = []

    def __array_function__(self, function, types, args, kwargs):
        self.told.append((function, types, args[1:], sorted(kwargs)))
        return super().__array_function__(function, types, args, kwargs)


@pytest.mark.parametrize("function", [savez.savez, savez.savez_compressed])
def test_subclasses_that_are_asked_may_leave_it_to_us(function):
    class More(Told):
        pass

    Told.told.clear()
    file = io.BytesIO()
    plain, told, more = np.arange(3), np.arange(4).view(Told), np.arange(5).view(More)
    function(file, plain, told, more=more, allow_pickle=False)
    (told_of,) = Told.told
    assert told_of[0] is function and told_of[1] == (More, Told, np.ndarray), "those of subclasses come first"
    assert told_of[2][0] is plain and told_of[2][1] is told and told_of[3] == ["allow_pickle", "more"]
    file.seek(0)
    loaded = savez.load(file)
    assert {name: len(loaded[name]) for name in loaded} == {"more": 5, "arr_0": 3, "arr_1": 4}


@pytest.mark.parametrize("function", [savez.savez, savez.savez_compressed])
def test_any_other_keyword_is_a_name(function):
    names = ["self", "args", "kwds", "arr", "write", "positional", "a b", ""]
    for options in ({}, {"allow_pickle": False}):
        file = io.BytesIO()
        given = {name: np.arange(3) for name in names} | options
        before = dict(given)
        function(file, **given)
        assert given == before
        file.seek(0)
        assert savez.load(file).files == names
        file = io.BytesIO()
        function(file=file, **given)
        file.seek(0)
        assert savez.load(file).files == names


@pytest.mark.parametrize("function", [savez.savez, savez.savez_compressed])
def test_functions_that_take_keywords_are_functions_to_others(function):
    assert pickle.loads(pickle.dumps(function)) is function and copy.deepcopy(function) is function
    assert inspect.isroutine(function) and repr(function) == f"<function {function.__name__}>"
    assert pydoc.render_doc(function, renderer=pydoc.plaintext).splitlines()[2] == (
        f"{function.__name__}(file, *args, allow_pickle=True, **kwds)"
    )
    for wrong in (lambda: function(), lambda: function(x=np.ones(2)), lambda: function("x", file="y")):
        with pytest.raises(TypeError, match=f"^{function.__name__}\\(\\) .*'file'$"):
            wrong()

    class Saver:
        save = function

    with pytest.raises(TypeError, match="Saver"):
        Saver().save(io.BytesIO())  # as of any function, the instance is the first argument


def test_load_does_not_ask(tmp_path):
    savez.save(tmp_path / "x", np.arange(3))
    duck = Duck()
    with pytest.raises(TypeError):
        savez.load(duck)
    assert duck.asked == []


def test_subclasses_that_do_not_mind_are_saved_as_arrays():
    class Mine(np.ndarray):
        pass

    file = io.BytesIO()
    savez.savez(file, x=np.arange(3).view(Mine))
    file.seek(0)
    assert type(savez.load(file)["x"]) is np.ndarray


def test_an_array_named_allow_pickle_is_swallowed_as_numpy_does():
    for module in (np, savez):
        file = io.BytesIO()
        module.savez(file, x=np.arange(3), allow_pickle=True)
        file.seek(0)
        assert savez.load(file).files == ["x"]


# ---- in numpy's place ------------------------------------------------------------------------


def test_numpy_is_patched_and_mended():
    before = [getattr(np, name) for name in TOP]
    with savez.patch_numpy():
        assert [getattr(np, name) for name in TOP] == [getattr(savez, name) for name in TOP]
        file = io.BytesIO()
        np.savez(file, x=np.arange(3))
        file.seek(0)
        assert isinstance(np.load(file), savez.NpzFile)
    assert [getattr(np, name) for name in TOP] == before
    undo = savez.patch_numpy()
    undo.close()
    assert [getattr(np, name) for name in TOP] == before


# ---- documentation ---------------------------------------------------------------------------


def modules():
    yield savez
    for found in pkgutil.iter_modules(savez.__path__):
        if found.name != "_savez":
            yield importlib.import_module(f"savez.{found.name}")


def needed(test):
    """Packages that an example imports and that need not be there."""
    text = "".join(example.source for example in test.examples)
    return [name for name in ("tqdm", "rich") if f"progress.{name}" in text]


DOCTESTS = [test for module in modules() for test in doctest.DocTestFinder().find(module) if test.examples]


@pytest.mark.parametrize("test", DOCTESTS, ids=lambda test: test.name)
def test_examples_run(test):
    for package in needed(test):
        pytest.importorskip(package)
    runner = doctest.DocTestRunner(verbose=False)
    out = []
    runner.run(test, out=out.append)
    assert runner.failures == 0, "".join(out)


def test_the_main_functions_have_examples():
    shown = {test.name.rpartition(".")[2] for test in DOCTESTS}
    assert {"save", "savez", "savez_compressed", "load", "write", "patch_numpy"} <= shown


@pytest.mark.parametrize("name", [n for n in savez.__all__ if callable(getattr(savez, n))])
def test_everything_public_is_documented(name):
    assert inspect.getdoc(getattr(savez, name))


def test_importing_loads_nothing_slow(python):
    """`zipfile` alone takes longer to load than all of savez."""
    code = "import numpy, sys; before = set(sys.modules); import savez; print(*(set(sys.modules) - before))"
    loaded = python(code).split()
    assert "savez._savez" in loaded
    slow = {"zipfile", "html", "bz2", "gzip", "lzma", "locale", "jax", "ml_dtypes", "tqdm", "rich"}
    assert not slow & set(loaded)
