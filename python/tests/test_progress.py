"""`savez.progress`: with ``tqdm`` and ``rich`` if they are here, and with fakes that tell what was called."""

import contextlib
import doctest
import io
import subprocess
import sys
import types

import numpy as np
import pytest

import savez
from savez import progress

ARRAYS = {"a": np.zeros((1000, 1000)), "b": np.ones(3)}
TOTAL = sum(array.nbytes for array in ARRAYS.values())


class Bar(contextlib.AbstractContextManager):
    """A `tqdm.tqdm` that shows nothing."""

    made = []

    def __init__(self, **options):
        self.options, self.done, self.open = options, 0, True
        self.made.append(self)

    def update(self, done):
        self.done += done

    def __exit__(self, *_):
        self.open = False


class Progress(Bar):
    """A `rich.progress.Progress` that shows nothing."""

    def __init__(self, *columns, **options):
        super().__init__(**options)
        self.columns = columns

    def add_task(self, description, total):
        self.task = (description, total)
        return 5

    def update(self, task, advance):
        assert task == 5
        self.done += advance


@pytest.fixture
def fakes(monkeypatch):
    def column(*_, **__):
        return "column"

    names = ("BarColumn", "DownloadColumn", "TextColumn", "TimeRemainingColumn", "TransferSpeedColumn")
    rich_progress = types.SimpleNamespace(Progress=Progress, **dict.fromkeys(names, column))
    monkeypatch.setitem(sys.modules, "tqdm", types.SimpleNamespace(tqdm=Bar))
    monkeypatch.setitem(sys.modules, "rich", types.SimpleNamespace(progress=rich_progress))
    monkeypatch.setitem(sys.modules, "rich.progress", rich_progress)
    monkeypatch.setattr(Bar, "made", [])


def test_tqdm_is_told(fakes):
    with progress.tqdm(TOTAL, desc="saving") as bar:
        savez.write(io.BytesIO(), ARRAYS, progress=bar)
        assert Bar.made[0].open
    (made,) = Bar.made
    assert not made.open
    assert TOTAL <= made.done <= TOTAL + 1000  # the headers are written too
    assert made.options == {
        "total": TOTAL,
        "desc": "saving",
        "unit": "B",
        "unit_scale": True,
        "unit_divisor": 1024,
    }


def test_our_options_can_be_changed(fakes):
    with progress.tqdm(unit="bytes"):
        assert Bar.made[0].options["unit"] == "bytes"
        assert Bar.made[0].options["total"] is None


def test_rich_is_told(fakes):
    file = io.BytesIO()
    savez.write(file, ARRAYS)
    with progress.rich(TOTAL, description="reading", transient=True) as bar:
        savez.open(file).read_all(progress=bar)
    (made,) = Bar.made
    assert (made.done, made.open, made.task) == (TOTAL, False, ("reading", TOTAL))
    assert made.options == {"transient": True}
    assert len(made.columns) == 5


@pytest.mark.parametrize("name", ["tqdm", "rich"])
def test_bars_end_with_errors(fakes, name):
    with pytest.raises(ZeroDivisionError), getattr(progress, name)():
        1 / 0
    assert not Bar.made[0].open


def test_real_tqdm():
    pytest.importorskip("tqdm")
    screen = io.StringIO()
    with progress.tqdm(TOTAL, file=screen) as bar:
        savez.write(io.BytesIO(), ARRAYS, progress=bar)
    assert "7.63M/7.63M" in screen.getvalue()


def test_real_rich():
    rich_console = pytest.importorskip("rich.console")
    screen = io.StringIO()
    with progress.rich(
        TOTAL, description="saving", console=rich_console.Console(file=screen, width=120)
    ) as bar:
        savez.write(io.BytesIO(), ARRAYS, progress=bar)
    assert "saving" in screen.getvalue() and "7.6/7.6 MiB" in screen.getvalue()


def test_neither_is_imported_before_it_is_used():
    code = "import sys, savez; assert not {'tqdm', 'rich'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["tqdm", "rich"])
def test_without_the_packages(monkeypatch, name):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    with pytest.raises(ImportError), getattr(progress, name)():
        pass


def test_examples(fakes):
    assert doctest.testmod(progress).failed == 0
