"""An open archive is the mapping that NumPy's `NpzFile` is, to the letter."""

import collections.abc
import gc
import io
import pickle
import weakref
import zipfile

import numpy as np
import pytest

import savez

A, B = np.arange(6).reshape(2, 3), np.eye(2)


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def packed(members, method=zipfile.ZIP_STORED):
    """The bytes of an archive of these members, names and bytes, as they come."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("warnings.warn", lambda *args, **kwargs: None)  # of duplicates
                archive.writestr(name, data)
    return file.getvalue()


def opened(*members):
    return savez.load(io.BytesIO(packed(members)))


@pytest.fixture
def path(tmp_path):
    savez.savez(tmp_path / "x.npz", a=A, b=B)
    return tmp_path / "x.npz"


@pytest.fixture
def data(path):
    with savez.load(path) as data:
        yield data


# ---- names -----------------------------------------------------------------------------------


def test_it_is_a_mapping(data):
    assert isinstance(data, collections.abc.Mapping) and not isinstance(data, dict)
    assert list(data) == list(data.keys()) == data.files == ["a", "b"] and len(data) == 2
    assert {**data}["b"].tolist() == B.tolist()
    with pytest.raises(TypeError):
        data["a"] = 1


def test_its_class_says_it_lives_in_numpy():
    assert savez.NpzFile.__module__ == "numpy.lib.npyio" and savez.NpzFile.__qualname__ == "NpzFile"


def test_files_is_a_list_of_names_with_one_npy_cut_off():
    data = opened(("a.npy", npy(A)), ("a.npy.npy", npy(B)), ("t.txt", b"text"), (".npy", npy(B)), ("d/", b""))
    assert data.files == ["a", "a.npy", "t.txt", "", "d/"] and type(data.files) is list


def test_duplicates_are_listed_and_counted_and_the_last_is_found():
    data = opened(("a.npy", npy(A)), ("b.npy", npy(B)), ("a.npy", npy(B)))
    assert data.files == list(data) == ["a", "b", "a"] and len(data) == 3
    assert data["a"].tolist() == B.tolist() and data["a.npy"].tolist() == B.tolist()
    assert [value.tolist() for value in data.values()] == [B.tolist()] * 3


def test_a_members_exact_name_comes_before_a_stripped_one(tmp_path):
    for module in (np, savez):
        module.savez(tmp_path / "x.npz", **{"a.npy": 1, "a": 2})
        with savez.load(tmp_path / "x.npz") as data:
            assert data.files == ["a.npy", "a"]
            assert (data["a"], data["a.npy"], data["a.npy.npy"]) == (2, 2, 1)


def test_both_spellings_are_in(data):
    assert "a" in data and "a.npy" in data and "c" not in data
    assert None not in data and 3 not in data and ("a",) not in data
    with pytest.raises(TypeError):
        [] in data


def test_a_missing_name_is_a_key_error_that_names_it(data):
    for key in ("c", 3, ("a", "b"), None):
        with pytest.raises(KeyError) as raised:
            data[key]
        assert raised.value.args == (f"{key} is not a file in the archive",)
    with pytest.raises(TypeError):
        data[[]]


def test_get_takes_positions_only(data):
    assert data.get("a").tolist() == A.tolist() and data.get("c") is None and data.get("c", 3) == 3
    with pytest.raises(TypeError):
        data.get("a", default=3)
    with pytest.raises(TypeError):
        data.get(key="a")


def test_it_is_hashed_by_nothing(data):
    with pytest.raises(TypeError, match="unhashable"):
        hash(data)


# ---- values ----------------------------------------------------------------------------------


def test_items_and_values_are_views_that_read_when_asked():
    spoiled = bytearray(packed([("a.npy", npy(A)), ("b.npy", npy(B))]))
    spoiled[spoiled.index(B.tobytes()) + 6] ^= 1
    data = savez.load(io.BytesIO(spoiled))
    assert isinstance(data.items(), collections.abc.ItemsView) and isinstance(data.values(), collections.abc.ValuesView)
    items, values = iter(data.items()), iter(data.values())
    assert next(items)[0] == "a" and next(values).tolist() == A.tolist()
    for view in (items, values):
        with pytest.raises(zipfile.BadZipFile):
            next(view)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("array", [A, np.asfortranarray(A), A.astype(">i2"), np.array(5), np.zeros((0, 2))])
def test_each_array_is_new_and_may_be_changed(method, array):
    data = savez.load(io.BytesIO(packed([("a.npy", npy(array))], method)))
    first, second = data["a"], data["a"]
    assert first is not second and not np.shares_memory(first, second)
    assert first.flags.writeable and first.flags.aligned and first.dtype == array.dtype
    first[...] = 7
    assert second.tolist() == array.tolist()


def test_arrays_outlive_their_archive(path):
    with savez.load(path) as data:
        array = data["a"]
    del data
    gc.collect()
    assert array.tolist() == A.tolist()


@pytest.mark.parametrize("member", [b"text", b"", b"\x93NUMP", pickle.dumps({"a": 1}), b"PK\x03\x04"])
@pytest.mark.parametrize("name", ["a.txt", "a.npy", "a", "d/"])
def test_what_is_no_array_comes_as_bytes(name, member):
    value = opened((name, member))[name.removesuffix(".npy")]
    assert type(value) is bytes and value == member


@pytest.mark.parametrize("name", ["a", "a.txt", "a.NPY"])
def test_an_array_is_known_by_its_bytes_and_not_by_its_name(name):
    data = opened((name, npy(A)))
    assert data.files == [name] and data[name].tolist() == A.tolist()


def test_objects_need_leave(tmp_path):
    savez.savez(tmp_path / "x.npz", a=np.array([{1: 2}]), b=B)
    with savez.load(tmp_path / "x.npz") as data:
        assert data["b"].tolist() == B.tolist() and data.allow_pickle is False
        with pytest.raises(ValueError, match="allow_pickle=False"):
            data["a"]
    with savez.load(tmp_path / "x.npz", allow_pickle=True) as data:
        assert data["a"].tolist() == [{1: 2}] and data.allow_pickle is True


def test_settings_are_kept(path):
    with savez.load(path, encoding="latin1", fix_imports=False, max_header_size=5000) as data:
        assert data.max_header_size == 5000
        assert data.pickle_kwargs == {"encoding": "latin1", "fix_imports": False}


# ---- f ---------------------------------------------------------------------------------------


def test_f_has_the_arrays_as_attributes(data):
    assert data.f.a.tolist() == A.tolist() and dir(data.f) == ["a", "b"]
    with pytest.raises(AttributeError) as raised:
        data.f.c
    assert raised.value.args == ("c",)


def test_f_does_not_keep_its_archive_alive(path):
    f = savez.load(path).f
    with pytest.raises(ReferenceError):
        f.a


@pytest.mark.parametrize("use", [lambda data: None, lambda data: data["a"], lambda data: data.zip, lambda data: data.f.a])
def test_it_takes_part_in_no_cycle(use, path):
    gc.collect()
    gc.disable()
    try:
        data = savez.load(path)
        use(data)
        dead = weakref.ref(data)
        del data
        assert dead() is None
        assert gc.collect() == 0
    finally:
        gc.enable()


# ---- files -----------------------------------------------------------------------------------


def test_zip_is_a_zipfile_opened_only_if_asked_for(path, monkeypatch):
    real, made = zipfile.ZipFile, []
    monkeypatch.setattr(zipfile, "ZipFile", lambda *args, **kwargs: made.append(1) or real(*args, **kwargs))
    with savez.load(path) as data:
        _ = data["a"], data.files, data.f.b, dict(data), repr(data)
        assert made == []
        archive = data.zip
        assert isinstance(archive, real) and archive is data.zip and made == [1]
        assert archive.namelist() == ["a.npy", "b.npy"] and archive.testzip() is None
        assert data["a"].tolist() == A.tolist()  # still
        inner = archive.fp
    assert data.zip is None and archive.fp is None and inner.closed


def test_fid_is_the_file_if_it_was_opened_here(path):
    data = savez.load(path)
    fid = data.fid
    assert fid.name == str(path) or fid.name == path
    data.close()
    assert fid.closed and data.fid is None
    with open(path, "rb") as file:
        data = savez.load(file)
        assert data.fid is None
        data.close()
        assert not file.closed


def test_the_end_of_the_block_closes(path):
    with savez.load(path) as data:
        fid = data.fid
    assert fid.closed
    with pytest.raises(ZeroDivisionError):
        with savez.load(path) as data:
            fid = data.fid
            1 // 0
    assert fid.closed


def test_closed_it_still_knows_its_names(path):
    data = savez.load(path)
    before = repr(data)
    data.close()
    data.close()
    assert data.files == ["a", "b"] and len(data) == 2 and "a" in data and "a.npy" in data and list(data) == ["a", "b"]
    assert data.f is None and repr(data).split(" with")[1] == before.split(" with")[1]
    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'open'"):
        data["a"]
    with pytest.raises(KeyError):
        data["c"]
    with pytest.raises(AttributeError):
        list(data.values())


def test_its_end_closes_without_a_warning(path, recwarn):
    fid = savez.load(path).fid
    gc.collect()
    assert fid.closed and not recwarn.list


def test_a_file_that_is_no_archive_is_closed(path, recwarn):
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(zipfile.BadZipFile):
        savez.load(path)
    gc.collect()
    assert not recwarn.list


def test_a_file_object_is_read_after_others_have_moved_in_it(path):
    with open(path, "rb") as file:
        data = savez.load(file)
        file.seek(17)
        assert data["a"].tolist() == A.tolist()


# ---- how it shows ----------------------------------------------------------------------------


@pytest.mark.parametrize("count, names", [(0, ""), (1, "arr_0"), (5, ", ".join(f"arr_{i}" for i in range(5)))])
def test_repr_names_file_and_arrays(count, names, tmp_path):
    path = str(tmp_path / "x.npz")
    savez.savez(path, *range(count))
    assert repr(savez.load(path)) == repr(np.load(path)) == f"NpzFile {path!r} with keys: {names}"


def test_repr_names_five_arrays(tmp_path):
    path = str(tmp_path / "x.npz")
    savez.savez(path, *range(6))
    assert repr(savez.load(path)) == repr(np.load(path)) and repr(savez.load(path)).endswith("arr_3, arr_4...")


def test_repr_of_a_file_object_does_not_name_it():
    assert repr(opened(("a.npy", npy(A)))) == "NpzFile 'object' with keys: a"


def test_html_is_a_table_that_quotes_names():
    html = opened(("<a>.npy", npy(A)), ("b.npy", npy(np.arange(3.0))), ("t", b"text"))._repr_html_()
    assert html.startswith("<table>") and "&lt;a&gt;" in html and "<a>" not in html
    assert "(2, 3)" in html and "(3,)" in html and "f8" in html


def test_html_of_a_closed_one_has_the_names(path):
    data = savez.load(path)
    data.close()
    assert "<td>a</td>" in data._repr_html_()


# ---- elsewhere -------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_pickled_by_the_name_of_its_file(protocol, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = savez.load("x.npz", allow_pickle=True, encoding="latin1", max_header_size=9000, mmap_mode="c")
    monkeypatch.chdir("/")
    sent = pickle.dumps(data, protocol)
    assert len(sent) < 1000
    copy = pickle.loads(sent)
    assert isinstance(copy, savez.NpzFile) and copy.files == ["a", "b"] and copy["a"].tolist() == A.tolist()
    assert (copy.allow_pickle, copy.pickle_kwargs, copy.max_header_size) == (True, data.pickle_kwargs, 9000)
    assert isinstance(copy["a"], np.memmap)


def test_without_a_file_of_its_own_it_is_not_pickled(path):
    for data in (opened(("a.npy", npy(A))), savez.load(open(path, "rb"))):
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(data)
    data = savez.load(path)
    data.close()
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(data)


def test_the_class_is_called_as_numpys(path):
    with open(path, "rb") as file:
        data = savez.NpzFile(file, own_fid=False, allow_pickle=False, pickle_kwargs=None)
        assert data["a"].tolist() == A.tolist() and data.fid is None
    data = savez.NpzFile(open(path, "rb"), True)
    assert data["b"].tolist() == B.tolist()
    data.close()


def many(i):
    """An array like no neighbour of its; now and then a large one, or one without bytes."""
    if i % 50 == 7:
        return np.full(5000, i)
    if i % 50 == 9:
        return np.zeros(i % 3, "V0")
    if i % 50 == 11:
        return np.zeros((i % 3, 0))
    return np.arange(i % 20).astype(["<f4", ">i8", "?", "M8[s]", "S3"][i % 5])


@pytest.mark.parametrize("order", ["forwards", "backwards", "mixed", "twice"])
@pytest.mark.parametrize("save", [savez.savez, np.savez, savez.savez_compressed], ids=["savez", "numpy", "compressed"])
@pytest.mark.parametrize("kind", ["file", "object"])
def test_many_arrays_are_read_in_any_order(kind, save, order, tmp_path):
    count = 500
    save(tmp_path / "x.npz", **{f"a{i}": many(i) for i in range(count)})
    numbers = {
        "forwards": range(count),
        "backwards": range(count)[::-1],
        "mixed": np.random.default_rng(1).permutation(count),
        "twice": np.repeat(range(count), 2),
    }[order]
    with savez.load(tmp_path / "x.npz" if kind == "file" else io.BytesIO((tmp_path / "x.npz").read_bytes())) as data:
        kept = {i: data[f"a{i}"] for i in numbers}
    for i, array in kept.items():
        assert array.dtype == many(i).dtype and array.shape == many(i).shape, i
        assert array.flags.writeable and array.flags.owndata
        assert array.tobytes() == many(i).tobytes(), i


def test_damage_is_seen_among_many_and_the_rest_is_read(tmp_path):
    path = tmp_path / "x.npz"
    savez.savez(path, **{f"a{i}": np.full(20, i) for i in range(500)})
    bytes_ = bytearray(path.read_bytes())
    bytes_[bytes_.index(np.full(20, 300).tobytes()) + 7] ^= 1
    path.write_bytes(bytes_)
    with savez.load(path) as data:
        for i, name in enumerate(data):
            if i == 300:
                with pytest.raises(savez.CorruptError, match="a300.npy.*CRC"):
                    data[name]
            else:
                assert (data[name] == i).all()


def test_a_file_changed_in_place_gives_the_old_arrays_or_errors(tmp_path):
    path = tmp_path / "x.npz"
    savez.savez(path, **{f"a{i}": np.full(20, i) for i in range(3000)})
    before = bytearray(path.read_bytes())
    errors = 0
    with savez.load(path) as data, open(path, "r+b") as file:
        for i, name in enumerate(data):
            if i == 100:
                file.write(bytes(255 - byte for byte in before))
                file.flush()
            try:
                assert (data[name] == i).all()
            except savez.Error:
                errors += 1
        assert errors > 2000
        with pytest.raises(savez.Error):
            data["a0"]  # it is read again
