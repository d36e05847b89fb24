"""Every array file that seven scientific packages ship is read as np.load reads it."""

import json
import os
import subprocess
import zipfile

import pytest

from . import npz, wheels
from .make_manifest import MANIFEST, manifest, text

FILES = [
    pytest.param(path, id=str(name)) for package in wheels.PACKAGES for name, path in wheels.files(package)
]


def test_the_manifest_is_that_of_the_installed_packages():
    """Packages of another version than the manifest's are left out; there must be some of the same."""
    recorded = json.loads(MANIFEST.read_text())
    installed = {package: wheels.version(package) for package in wheels.PACKAGES}
    known = [entry for entry in recorded if entry["version"] == installed[entry["package"]]]
    versions = {(entry["package"], entry["version"]) for entry in known}
    assert versions
    found = [entry for entry in manifest() if (entry["package"], entry["version"]) in versions]
    assert found == known


def test_the_manifest_is_in_its_own_spelling():
    recorded = MANIFEST.read_text()
    assert text(json.loads(recorded)) == recorded


@pytest.mark.parametrize("path", FILES)
def test_ls_describes_it(path):
    listed = npz.ls(path)[0]["members"]
    loaded = wheels.load_all(path)
    assert [member["name"] for member in listed] == list(loaded)
    for member, found in zip(listed, loaded.values()):
        if wheels.holds_objects(found):
            assert "O" in member["dtype"]
            continue
        expected = wheels.description(found)
        del expected["sha256"]
        assert member["order"] in expected.pop("order").split(" or ")
        assert {key: member[key] for key in expected} == expected


@pytest.mark.parametrize("path", FILES)
def test_each_array_is_what_numpy_loads(path, tmp_path):
    def check(pair):
        name, found = pair
        args = ["cat", path, *([] if name is None else [name]), "--npy"]
        if wheels.holds_objects(found):
            assert "Python object" in npz.refusal(*args)
        elif isinstance(found, Exception):
            npz.refusal(*args)
        else:
            assert npz.ok(*args) == npz.npy_bytes(found)

    npz.in_parallel(check, wheels.load_all(path).items())


@pytest.mark.parametrize("path", [file for file in FILES if file.id.endswith(".npz")])
def test_members_are_extracted_byte_for_byte(path, tmp_path):
    with zipfile.ZipFile(path) as file:
        expected = {name: file.read(name) for name in file.namelist()}
    assert npz.extract(path, tmp_path) == expected


@pytest.mark.parametrize("options", [[], ["--compress"]], ids=["stored", "compressed"])
@pytest.mark.parametrize("path", FILES)
def test_repacked_it_is_still_the_same(path, options, tmp_path):
    """Arrays hold the same values; pickles of Python objects are not touched."""
    if path.suffix == ".npy":
        originals = {"array": path.read_bytes()}
    else:
        with zipfile.ZipFile(path) as file:
            originals = {name.removesuffix(".npy"): file.read(name) for name in file.namelist()}
    archive = npz.pack_files(tmp_path / "out.npz", originals, *options)
    npz.assert_unpacks(archive)
    before, after = wheels.load_all(path), wheels.load_all(archive)
    assert list(after) == list(originals)
    with zipfile.ZipFile(archive) as file:
        assert file.testzip() is None
        npz.assert_aligned(file)
        for name, found in zip(originals, before.values(), strict=True):
            if isinstance(found, Exception):
                assert type(after[name]) is type(found)
                assert file.read(f"{name}.npy") == originals[name]
            else:
                npz.assert_same(after[name], found)


@pytest.mark.parametrize("options", [[], ["--compress"]], ids=["stored", "compressed"])
def test_other_crates_read_the_same_values(options, tmp_path):
    """`ndarray-npy` and `npyz`, as far as they know the dtypes; see peers/."""
    peers = os.environ.get("PEERS", npz.REPOSITORY / "conformance/peers/target/release/peers")
    archives = []
    for number, file in enumerate(FILES):
        path = file.values[0]
        if path.suffix == ".npy":
            contents = {"array": path.read_bytes()}
        else:
            with zipfile.ZipFile(path) as archive:
                contents = {name.removesuffix(".npy"): archive.read(name) for name in archive.namelist()}
        if not any(isinstance(found, Exception) for found in wheels.load_all(path).values()):
            (tmp_path / str(number)).mkdir()
            archives.append(npz.pack_files(tmp_path / str(number) / "out.npz", contents, *options))
    done = subprocess.run([peers, *archives], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert counts["ndarray_npy"] > 400 and counts["npyz"] > 400, counts
