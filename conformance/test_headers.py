"""Headers are read exactly as np.load reads them, by their text and by their descr.

np.load parses a header as a Python literal and hands its descr to numpy.dtype, so very many
spellings are accepted. For each text here npz must accept it if and only if np.load does, and
write the array again as np.save does. Only what np.load takes by accident (`ACCIDENTS`) npz may
refuse.

Known differences, which are left out: types NumPy has no name for (npz reads their names and
`<f1`), long doubles of other platforms (`f12`, `c24`), NumPy's StringDType (`T`), and time units
divided by zero (NumPy dies of them).
"""

import io
import itertools
import re
import warnings

import ml_dtypes
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from . import npz
from .spellings import ACCIDENTS, ONLY_UTF8, PLAIN, SPELLINGS, STRINGS, STRUCTURES

ENOUGH = 1 << 16


def write(path, text, version):
    """A file with that header, and as many bytes of data as it asks for, within reason."""
    size = data_size(npz.raw_npy(text, b"", version))
    size = size if 0 <= size <= ENOUGH else 64
    data = bytes(range(1, 128)) * (size // 127 + 1)
    path.write_bytes(npz.raw_npy(text, data[:size], version))
    return path


def data_size(start):
    """Bytes of data that a header asks for; some number if NumPy cannot read it."""
    file = io.BytesIO(start)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if np.lib.format.read_magic(file) == (1, 0):
                shape, _, dtype = np.lib.format.read_array_header_1_0(file)
            else:
                shape, _, dtype = np.lib.format.read_array_header_2_0(file)
            return int(np.prod(shape, dtype=object)) * dtype.itemsize
        except Exception:  # noqa: BLE001
            return 64


def assert_read_alike(path, may_refuse=False):
    expected = npz.numpy_reads(path)
    done = npz.run("cat", path, "--npy")
    said = done.stderr.decode()
    if done.returncode == 1:
        assert len(said.splitlines()) == 1, said
        assert expected is None or may_refuse, f"np.load reads it as {expected[:300]}, npz says {said}"
        return
    assert done.returncode == 0, said
    assert expected is not None, f"np.load refuses it, npz writes {done.stdout[:300]}"
    if may_refuse:
        path.write_bytes(done.stdout)
        assert npz.numpy_reads(path) == expected
    else:
        assert done.stdout == expected


LATIN1 = [text for text in SPELLINGS if all(ord(c) < 256 for c in text)]


@pytest.mark.parametrize(
    ("version", "text"),
    [((1, 0), text) for text in LATIN1] + [((3, 0), text) for text in SPELLINGS],
)
def test_spellings_of_the_header(text, version, tmp_path):
    assert_read_alike(write(tmp_path / "x.npy", text, version), text in ACCIDENTS)


@pytest.mark.parametrize("text", ONLY_UTF8)
def test_spellings_in_utf_8(text, tmp_path):
    assert_read_alike(write(tmp_path / "x.npy", text, (3, 0)), text in ACCIDENTS)


@pytest.mark.parametrize("text", dict.fromkeys(STRINGS))
def test_strings_as_descr(text, tmp_path):
    descr = f"{{'descr': {text!r}, 'fortran_order': False, 'shape': (2,), }}"
    assert_read_alike(write(tmp_path / "x.npy", descr, (3, 0)), text in ACCIDENTS)


@pytest.mark.parametrize("text", dict.fromkeys(STRINGS))
def test_strings_as_the_type_of_a_field(text, tmp_path):
    descr = f"{{'descr': [('a', {text!r}), ('b', '<u2')], 'fortran_order': True, 'shape': (2, 2), }}"
    assert_read_alike(write(tmp_path / "x.npy", descr, (3, 0)), text in ACCIDENTS)


@pytest.mark.parametrize("descr", dict.fromkeys(STRUCTURES))
def test_structures_as_descr(descr, tmp_path):
    version = (3, 0) if any(ord(c) > 255 for c in descr) else (1, 0)
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': (2,), }}"
    assert_read_alike(write(tmp_path / "x.npy", text, version), descr in ACCIDENTS)


# ---- what stands before the header -----------------------------------------------------------

HEAD = PLAIN.encode()
DATA = bytes(range(48))


def preambles():
    """Whole files, by name."""
    for major, minor in itertools.product(range(5), range(2)):
        width = 2 if major == 1 else 4
        yield f"version_{major}_{minor}", bytes([major, minor]) + len(HEAD).to_bytes(width, "little") + HEAD
    yield "version_255", b"\xff\xff" + len(HEAD).to_bytes(4, "little") + HEAD
    yield "length_0", b"\1\0\0\0" + HEAD
    yield "length_1_short", b"\1\0" + (len(HEAD) - 1).to_bytes(2, "little") + HEAD
    yield "length_1_long", b"\1\0" + (len(HEAD) + 1).to_bytes(2, "little") + HEAD
    yield "length_beyond_the_file", b"\1\0\xff\xff" + HEAD
    yield "length_of_4_gib", b"\2\0\xff\xff\xff\xff" + HEAD
    for length in (9_999, 10_000, 10_001, 20_000, 65_535):
        yield f"length_{length}", b"\1\0" + length.to_bytes(2, "little") + HEAD.ljust(length)
        yield f"length_{length}_v2", b"\2\0" + length.to_bytes(4, "little") + HEAD.ljust(length)
    for count in (3_000, 4_900, 9_800, 10_000):
        text = PLAIN.replace("'<f8'", f"[('{'漢' * count}', '<f8')]").encode()
        yield f"utf8_of_{count}_characters", b"\3\0" + len(text).to_bytes(4, "little") + text
    text = PLAIN.replace("'<f8'", "[('é', '<f8')]")
    for version, encoding in itertools.product((1, 2, 3), ("latin-1", "utf-8")):
        encoded = text.encode(encoding)
        length = len(encoded).to_bytes(2 if version == 1 else 4, "little")
        yield f"encoding_{encoding}_v{version}", bytes([version, 0]) + length + encoded
    for name, junk in {"overlong": b"\xc0\xbc", "surrogate": b"\xed\xa0\x80", "beyond": b"\xf4\x90\x80\x80"}.items():
        encoded = HEAD + b" # " + junk
        yield f"utf8_{name}", b"\3\0" + len(encoded).to_bytes(4, "little") + encoded


PREAMBLES = {name: b"\x93NUMPY" + rest + DATA for name, rest in preambles()}
PREAMBLES |= {
    "magic_lower_case": b"\x93numpy\1\0" + len(HEAD).to_bytes(2, "little") + HEAD + DATA,
    "magic_utf8": b"\xc2\x93NUMPY\1\0" + len(HEAD).to_bytes(2, "little") + HEAD + DATA,
    "blank_before": b" " + npz.npy_bytes(np.arange(3)),
    "bytes_behind": npz.npy_bytes(np.arange(3)) + b"behind",
    "two_arrays": npz.npy_bytes(np.arange(3)) + npz.npy_bytes(np.arange(4)),
    "one_byte_short": npz.npy_bytes(np.arange(3))[:-1],
    "no_data": npz.npy_bytes(np.arange(3))[:128],
}


@pytest.mark.parametrize("name", PREAMBLES)
def test_preambles(name, tmp_path):
    (tmp_path / "x.npy").write_bytes(PREAMBLES[name])
    assert_read_alike(tmp_path / "x.npy")


# ---- mutations -------------------------------------------------------------------------------

SEEDS = [
    PLAIN,
    PLAIN.replace("2", "2L"),
    "{'descr': [('a', '<i4'), ('', '|V4'), (('T', 'b'), '>f8', (2, 3))], 'fortran_order': True, 'shape': (2, 2), }",
    "{'descr': [('r', [('x', 'S3'), ('y', '<U2', (2,))]), ('c', ('<f8', (5,)), (2,))], 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '(2,3)f4, >i4, M8[25s]', 'fortran_order': False, 'shape': (), }",
    "{'descr': 'M8[D/24]', 'fortran_order': False, 'shape': (3, 0), }",
    '{"shape": (0x2, 1_0), "descr": u"int32", "fortran_order": False}\n# comment\n',
]
PIECES = [
    *"'\"()[]{},:#\\ \n\t<>=|0123456789LxubrfTSUVMmiOc+-_.*", "''", "'''", "\\x3c", "\\\n", "True", "False", "None",
    "1L",
    "(2,)", "('a', 'u1')", "'<i4'", "[('z', '<i2')]", "('T', 'n')", "u'", "b'", "r'", "0x", "1e3", "\r\n", "\f", "\0",
    "\xe9", "\xa0", "[s]", "[25ns]", "i4,", "S0", "V4", "...", "2j", "10", "# x\n",
]  # fmt: skip


@st.composite
def mutated(draw):
    """A header with up to four pieces inserted, removed, replaced or moved."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 1, 2, 5])))
        piece = draw(st.sampled_from(PIECES) | st.just("") | st.just(text[end : end + 4]))
        text = text[:start] + piece + text[end:]
    return text


def is_known_difference(text):
    """See the head of this file. A slash is left alone only before a plain number."""
    # `('a', 'a', '<i4')`: a type where the shape should be, which NumPy takes for another type.
    if re.search(r"\('[^()]*', *'[^()]*', *['\[]", text):
        return True
    extension = any(name in text for name in vars(ml_dtypes) if re.fullmatch(r"[a-z]+\d\w*", name))
    others = re.search(r"f1(?!\d)|/(?![1-9])|T|W|\\(x2f|57|u002f)", text.replace("True", "").replace("'T'", ""))
    return extension or others


@settings(
    max_examples=1500, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(text=mutated(), version=st.sampled_from([(1, 0), (2, 0), (3, 0)]))
def test_mutated_headers(text, version, tmp_path_factory):
    assume(not is_known_difference(text))
    path = tmp_path_factory.getbasetemp() / "mutated.npy"
    assert_read_alike(write(path, text, version))
