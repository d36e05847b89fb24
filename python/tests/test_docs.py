"""What README and docs show is what happens; the reference is made of the docstrings as they are.

Every section of a page runs in an interpreter and an empty directory of its own: see `pages`.
"""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pages
import pytest

import savez

REPOSITORY = Path(__file__).resolve().parents[2]
README = REPOSITORY / "README.md"
COOKBOOK = REPOSITORY / "docs" / "cookbook.md"
REFERENCE = REPOSITORY / "docs" / "reference.md"

#: Too large to be installed for a test: where it is missing, its section is not run.
LARGE = "torch"


def run(page, title, directory):
    done = subprocess.run(
        [sys.executable, pages.__file__, page, title],
        cwd=directory,
        env=os.environ | {"JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# ---- the cookbook ----------------------------------------------------------------------------


@pytest.mark.parametrize("title", [title for title, blocks in pages.sections(COOKBOOK).items() if title and blocks])
def test_recipes_do_what_they_show(title, tmp_path):
    if any(f"import {LARGE}" in block.text for block in pages.blocks(COOKBOOK, title)):
        pytest.importorskip(LARGE)
    run(COOKBOOK, title, tmp_path)


def test_every_recipe_is_run():
    """No section without a block, no block in a language that is not run, no line of code in another style."""
    for title, blocks in pages.sections(COOKBOOK).items():
        assert blocks, title
        assert {block.language for block in blocks} <= {"python", "pycon", "console"}, title
    assert COOKBOOK.read_text(encoding="utf-8").count("```") == 2 * sum(
        len(blocks) for blocks in pages.sections(COOKBOOK).values()
    )


@pytest.mark.parametrize("consumer", ["numpy", "jax"])
def test_dlpack_as_the_recipe_for_pytorch_uses_it(consumer, tmp_path):
    """``torch.from_dlpack(archive["w"])`` asks what these ask: the device, then the array."""
    w = np.arange(6, dtype=np.float32).reshape(2, 3)
    savez.write(tmp_path / "model.npz", {"w": w, "t": w.T})
    archive = savez.open(tmp_path / "model.npz")
    from_dlpack = np.from_dlpack if consumer == "numpy" else pytest.importorskip("jax").dlpack.from_dlpack
    for name, expected in (("w", w), ("t", w.T)):
        found = from_dlpack(archive[name])
        assert found.dtype == np.float32
        np.testing.assert_array_equal(np.asarray(found), expected)


@pytest.mark.parametrize(
    "wrong",
    [
        ("pycon", ">>> 1 + 1\n3\n"),
        ("pycon", ">>> 1 / 0\n"),
        ("console", "$ echo 2\n3\n"),
        ("console", "$ npz ls nothing.npz\n"),
    ],
)
def test_a_page_that_tells_wrong_things_is_found_out(wrong):
    with pytest.raises(AssertionError):
        pages.run("page.md", pages.Block(wrong[0], 1, wrong[1]), {})


# ---- README ----------------------------------------------------------------------------------


def test_readme_does_what_it_shows(tmp_path):
    """Its block for Python, with arrays for the ``w`` and ``b`` it saves."""
    (block,) = (
        block for blocks in pages.sections(README).values() for block in blocks if block.language == "python"
    )
    page = tmp_path / "page.md"
    arrays = "import numpy as np\nw, b = np.arange(60.0).reshape(30, 2), np.zeros(2)\n"
    check = 'assert archive["w"][10:20].tolist() == w[10:20].tolist() and data["b"].tolist() == b.tolist()\n'
    page.write_text("".join(f"```python\n{text}```\n" for text in (arrays, block.text, check)), encoding="utf-8")
    run(page, "", tmp_path)
    assert savez.load(tmp_path / "model.npz").files == ["w", "b", "step"]


# ---- the reference ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def generate():
    """The script that writes the reference."""
    spec = importlib.util.spec_from_file_location("generate", REPOSITORY / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_up_to_date(generate):
    assert REFERENCE.read_text(encoding="utf-8") == generate.reference(), "run `make docs`"


@pytest.mark.parametrize("module", [savez, savez.format, savez.progress])
def test_every_public_name_is_in_the_reference(module):
    there = anchors(REFERENCE)
    assert [name for name in module.__all__ if f"{module.__name__}.{name}" not in there] == []


def links(page):
    return re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [README, COOKBOOK, REFERENCE], ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in links(page):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def anchors(page):
    """What can be linked to, by GitHub's rule: headings, and names given in HTML."""
    text = page.read_text(encoding="utf-8")
    titles = (re.sub(r"<[^>]+>", "", title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE))
    slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
    return slugs | set(re.findall(r'<a id="([^"]+)"', text))
