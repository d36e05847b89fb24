"""A pytest plugin that puts a drop-in's functions in NumPy's place, and counts that they are called.

Loaded with ``-p plugin``, before any test file is imported: test classes bind ``np.loadtxt`` when they are created.
Settings come from the environment:

``SAVEZ_GATE_MODULE``
    The drop-in module, ``savez`` unless told. It has the names of `table.TOP`, and ``format`` with `table.FORMAT`.
``SAVEZ_GATE_LEVEL``
    ``top`` (the default) replaces the top-level names; ``format`` those of ``numpy.lib.format`` too; ``none`` nothing:
    then NumPy's own functions are counted.
``SAVEZ_GATE_OWN``
    Names, with commas between, or ``all``: the session fails if one is NumPy's own function, or leaves work to it.
``SAVEZ_GATE_BREAK``
    One name, such as ``load``, ``format.read_array`` or ``NpzFile.__getitem__``, to make raise: a negative control.
``SAVEZ_GATE_REPORT``
    A file to write the outcomes and the calls to, as JSON.

Replacing
    A name is set in every module of NumPy that has it. A function then carries the module name of the one it replaces:
    NumPy's tests want each name to be found where it says it lives, and so do a drop-in's pickles, elsewhere. Nothing
    else is changed: dispatch, ``like=``, signatures, names, and what `NpzFile` calls its module are up to the drop-in.

Counting
    No function is wrapped: a wrapper would hide dispatchers, change identities and shift the ``stacklevel`` of warnings.
    Instead ``sys.setprofile`` watches, while a test runs, for frames that execute the code object of a replaced function
    (of its ``__wrapped__`` when it is a dispatcher), and for calls of a replaced builtin. A dispatcher over a builtin
    shows up in neither way and is refused; give it a Python function as implementation. A ``NpzFile.__getitem__`` that
    is not a Python function gets a Python shim. Each function is given its own copy of its code object, since those of
    one decorator share theirs. A call is *direct* if its caller is neither NumPy's file code nor the drop-in, that is,
    if a test made it; the methods of a dispatcher that the drop-in has of its own pass calls on. Calls of the replaced
    originals are counted beside, to show what comes from NumPy after all.

A session of all items fails if a replaced function that NumPy's tests call was never called directly. Any session fails
if a function that takes part in ``__array_function__`` was replaced by one that does not.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
import threading
import types
from collections import Counter
from pathlib import Path
from typing import Any

import numpy
import pytest
import table
import verdict

GETITEM = "NpzFile.__getitem__"


def _setting(name: str, default: str = "") -> str:
    return os.environ.get(f"SAVEZ_GATE_{name}", default)


def _names(level: str) -> list[str]:
    """Return the names that the tests may reach at `level`, in NumPy's spelling."""
    return [*table.TOP, *(f"format.{name}" for name in table.FORMAT)] if level != "top" else list(table.TOP)


def _lookup(module: types.ModuleType, name: str) -> Any:
    """Return what `module` has under `name`; ``format`` may be an attribute or a module yet to be imported."""
    owner, _, attribute = name.rpartition(".")
    if owner == "format" and not hasattr(module, "format"):
        importlib.import_module(f"{module.__name__}.format")
    return getattr(getattr(module, owner) if owner else module, attribute)


def _numpy_modules(name: str) -> list[types.ModuleType]:
    """Return the modules of NumPy that bind `name`, the implementing one last."""
    modules = []
    attribute = name.rpartition(".")[2]
    for module in table.FORMAT_MODULES if name.startswith("format.") else table.TOP_MODULES:
        try:
            modules.append(importlib.import_module(module))
        except ModuleNotFoundError:
            continue
    return [module for module in modules if hasattr(module, attribute)]


def _registry() -> set[Any]:
    """Return NumPy's set of the functions that dispatch to ``__array_function__``."""
    try:
        return importlib.import_module("numpy._core.overrides").ARRAY_FUNCTIONS
    except ModuleNotFoundError:
        return importlib.import_module("numpy.core.overrides").ARRAY_FUNCTIONS


def _countable(name: str, thing: Any) -> types.FunctionType | types.BuiltinFunctionType | None:
    """Return the function whose calls are the calls of `thing`, None if it is no function."""
    if isinstance(thing, type) or not callable(thing):
        return None
    function = thing if isinstance(thing, types.FunctionType) else getattr(thing, "__wrapped__", thing)
    if isinstance(function, types.FunctionType) or function is thing and isinstance(thing, types.BuiltinFunctionType):
        return function
    raise pytest.UsageError(f"cannot count the calls of {name}: {thing!r} is no function, nor a dispatcher over a Python one")


def _getitem(npz_file: type, may_shim: bool) -> types.FunctionType | None:
    """Return the Python function that is ``__getitem__`` of the class `npz_file`, setting one if it has none."""
    getitem = inspect.getattr_static(npz_file, "__getitem__")
    if isinstance(getitem, types.FunctionType) or not may_shim:
        return getitem

    def __getitem__(self: Any, key: Any) -> Any:
        return getitem(self, key)

    npz_file.__getitem__ = __getitem__
    return __getitem__


def _broken(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("broken on purpose by SAVEZ_GATE_BREAK")


def _break(things: dict[str, Any], name: str) -> None:
    """Make `things[name]` raise; unless it is a builtin, the object stays what it is."""
    function = _getitem(things["NpzFile"], may_shim=True) if name == GETITEM else _countable(name, things.get(name))
    if isinstance(function, types.FunctionType):
        function.__code__ = _broken.__code__.replace(co_freevars=function.__code__.co_freevars)
    elif function is not None:
        things[name] = _broken
    else:
        raise pytest.UsageError(f"SAVEZ_GATE_BREAK={name} is no function that this level replaces")


class Calls:
    """Counts calls of the watched functions; an instance is a profile function."""

    def __init__(self) -> None:
        self.all: Counter[str] = Counter()
        self.direct: Counter[str] = Counter()
        self.borrowed: Counter[str] = Counter()
        self._watched: dict[int, tuple[str, bool]] = {}
        self._internal: tuple[str, ...] = ()
        self._passing: set[types.CodeType] = set()
        self._alive: list[Any] = []  # what is known by its id must live

    def watch(self, name: str, function: Any, *, original: bool = False) -> None:
        """Count calls of `function` under `name`; as borrowed, if it is NumPy's `original` of a replaced one."""
        key = function
        if isinstance(function, types.FunctionType):
            key = function.__code__ = function.__code__.replace()
        self._alive.append(key)
        self._watched[id(key)] = (name, original)

    def internal(self, file: str) -> None:
        """Take calls from the code in `file`, or from inside the package that it opens, as not direct."""
        path = Path(file)
        self._internal += (str(path.parent) + os.sep if path.name == "__init__.py" else file,)

    def passed_on(self, dispatcher: Any) -> None:
        """Take calls from the methods of `dispatcher` as made where it was called."""
        methods = vars(type(dispatcher)).values()
        self._passing |= {method.__code__ for method in methods if isinstance(method, types.FunctionType)}

    def __call__(self, frame: types.FrameType, event: str, arg: Any) -> None:
        if event == "call":
            found, caller = self._watched.get(id(frame.f_code)), frame.f_back
        elif event == "c_call":
            found, caller = self._watched.get(id(arg)), frame
        else:
            return
        if found is None:
            return
        name, original = found
        if original:
            self.borrowed[name] += 1
            return
        self.all[name] += 1
        while caller is not None and caller.f_code in self._passing:
            caller = caller.f_back
        if caller is None or not caller.f_code.co_filename.startswith(self._internal):
            self.direct[name] += 1

    def __enter__(self) -> Calls:
        threading.setprofile(self)
        sys.setprofile(self)
        return self

    def __exit__(self, *exc: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)


class Gate:
    """The replacement made, and what the session showed of it."""

    def __init__(self) -> None:
        self.level = _setting("LEVEL", "top")
        self.module = _setting("MODULE", "savez")
        self.own = _setting("OWN").split(",")
        self.calls = Calls()
        self.names = _names(self.level)
        self.watched: list[str] = []
        self.reexported: list[str] = []
        self.undispatched: list[str] = []
        self.outcomes: dict[str, str] = {}
        self.failures: dict[str, str] = {}
        self.whole = True
        if self.level not in ("none", "top", "format"):
            raise pytest.UsageError(f"SAVEZ_GATE_LEVEL is {self.level!r}, not none, top or format")
        originals = {name: getattr(_numpy_modules(name)[-1], name.rpartition(".")[2]) for name in self.names}
        for name, original in originals.items():
            function = _countable(name, original)
            if function is not None:
                self.calls.internal(function.__code__.co_filename)
        self._watch(originals if self.level == "none" else self._replace(originals))

    def _replace(self, originals: dict[str, Any]) -> dict[str, Any]:
        """Set the drop-in's objects in NumPy, in place of `originals`; return them by name."""
        dropin = importlib.import_module(self.module)
        self.calls.internal(dropin.__file__)
        things, missing = {}, []
        for name in originals:
            try:
                things[name] = _lookup(dropin, name)
            except (AttributeError, ModuleNotFoundError):
                missing.append(name)
        if missing:
            raise pytest.UsageError(f"{self.module} lacks {', '.join(missing)}")
        if name := _setting("BREAK"):
            _break(things, name)
        registry = _registry()
        for name, thing in things.items():
            original = originals[name]
            for module in _numpy_modules(name):
                setattr(module, name.rpartition(".")[2], thing)
            if not callable(thing):
                continue
            if thing is original:
                self.reexported.append(name)
                continue
            if original in registry and thing not in registry:
                self.undispatched.append(name)
            function = _countable(name, original)
            if function is not None:
                thing.__module__ = original.__module__
                self.calls.watch(name, function, original=True)
        if things["NpzFile"] is not originals["NpzFile"]:
            self.calls.watch(GETITEM, _getitem(originals["NpzFile"], may_shim=False), original=True)
        return things

    def _watch(self, things: dict[str, Any]) -> None:
        """Count the calls of `things`."""
        for name, thing in things.items():
            function = _countable(name, thing)
            if function is not None:
                self.calls.watch(name, function)
                self.calls.passed_on(thing)
                self.watched.append(name)
        self.calls.watch(GETITEM, _getitem(things["NpzFile"], may_shim=True))
        self.watched.insert(sum("." not in name for name in self.watched), GETITEM)

    def uncalled(self) -> list[str]:
        """Return the functions that NumPy's tests call and that were not called."""
        return [n for n in self.watched if n not in table.NEVER_CALLED and not self.calls.direct[n]] if self.whole else []

    def borrowed(self) -> list[str]:
        """Return the functions that should be the drop-in's own, and are or call NumPy's."""
        numpys = {*self.reexported, *self.calls.borrowed}
        return [name for name in [*self.names, GETITEM] if name in numpys and ("all" in self.own or name in self.own)]

    def report(self) -> dict[str, Any]:
        """Return all that the session showed, for JSON."""
        return {
            "numpy": numpy.__version__,
            "module": self.module if self.level != "none" else "numpy",
            "level": self.level,
            "outcomes": self.outcomes,
            "failures": self.failures,
            "calls": {
                name: {
                    "direct": self.calls.direct[name],
                    "all": self.calls.all[name],
                    "borrowed": self.calls.borrowed[name],
                }
                for name in self.watched
            },
            "reexported": self.reexported,
            "problems": self.problems(),
        }

    def problems(self) -> list[str]:
        """Return why the session fails whatever its tests say."""
        problems = [f"{name} was never called, though NumPy's tests call it" for name in self.uncalled()]
        problems += [f"{name} takes no part in __array_function__, NumPy's does" for name in self.undispatched]
        return problems + [f"{name} is NumPy's own, or called it" for name in self.borrowed()]


gate = Gate()


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str) -> list[pytest.Item] | None:
    """Do not collect thousands of items to drop them: skip the classes and tests that the table does not want."""
    return None if table.may_hold(f"{collector.nodeid}::{name}") else []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the items of the table; make stray warnings errors."""
    gate.whole = not (config.option.keyword or config.option.markexpr or any("::" in arg for arg in config.args))
    kept, dropped = [], []
    for item in items:
        slow = item.get_closest_marker("slow") is not None
        (kept if table.wanted(item.nodeid, slow) else dropped).append(item)
    for item in kept:
        if item.nodeid.partition("::")[0] not in table.WARN_FREELY:
            item.add_marker(pytest.mark.filterwarnings("error"), append=False)
    items[:] = kept
    config.hook.pytest_deselected(items=dropped)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    """Count while a test runs."""
    with gate.calls:
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep the outcome of an item: passed, failed, skipped, xfailed or xpassed."""
    outcome = report.outcome
    if hasattr(report, "wasxfail"):
        outcome = {"skipped": "xfailed", "passed": "xpassed"}.get(outcome, outcome)
    if report.when == "call" or outcome != "passed":
        gate.outcomes[report.nodeid] = outcome
    if outcome == "failed":
        crash = getattr(report.longrepr, "reprcrash", None)
        gate.failures[report.nodeid] = str(crash.message if crash else report.longrepr).strip()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the session for calls that are missing, and write the report."""
    if gate.problems() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if path := _setting("REPORT"):
        Path(path).write_text(json.dumps(gate.report()), encoding="utf-8")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the calls per name."""
    terminalreporter.section(f"calls, level {gate.level}")
    for line in [*verdict.call_lines(gate.report()), *gate.problems()]:
        terminalreporter.write_line(line)
