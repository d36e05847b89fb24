"""Pages of documentation as programs: a page has sections, a section has blocks, and blocks are run in order.

A ``python`` block is executed, a ``pycon`` block is a doctest, a ``console`` block is typed into a shell (its lines
after ``$ ``), and what the last two print is compared. What stands above the first section comes before each. A block
within ``<!-- test`` and ``-->`` is run too, but not shown.

    python pages.py PAGE SECTION

runs one section in the current directory.
"""

import doctest
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_HEADING = re.compile(r"## (?P<title>.+)")
_FENCE = re.compile(r"```(?P<language>\w*)$")


@dataclass(frozen=True)
class Block:
    """The text between two fences, and the number of the line it begins on."""

    language: str
    line: int
    text: str


def sections(page):
    """The blocks of each section by its title; those above the first have the title ``""``."""
    found, title, language, lines = {"": []}, "", None, []
    for number, line in enumerate(Path(page).read_text(encoding="utf-8").splitlines(), 1):
        if language is not None:
            if line == "```":
                start = number - len(lines)
                found[title].append(Block(language, start, "".join(f"{line}\n" for line in lines)))
                language = None
            else:
                lines.append(line)
        elif fence := _FENCE.match(line):
            language, lines = fence["language"], []
        elif heading := _HEADING.match(line):
            title = heading["title"]
            assert title not in found, f"{page}:{number}: there are two sections {title!r}"
            found[title] = []
    assert language is None, f"{page}: the last block has no end"
    return found


def blocks(page, title):
    """What is run for a section: the blocks above the first, then its own."""
    found = sections(page)
    return found[""] + found[title] if title else found[""]


def run(page, block, names):
    """Run one block; `AssertionError` tells what it printed if that is not what the page shows."""
    match block.language:
        case "python":
            # The line numbers of errors are those of the page.
            exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), names)
        case "pycon":
            run_examples(page, block, names)
        case "console":
            run_commands(page, block)
        case language:
            raise ValueError(f"{page}:{block.line}: nothing runs {language!r}")


def run_examples(page, block, names):
    """Run a block as a doctest."""
    test = doctest.DocTestParser().get_doctest(block.text, {}, f"{page}:{block.line}", str(page), block.line - 1)
    assert test.examples, f"{page}:{block.line}: nothing to run"
    test.globs = names
    said = []
    doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(test, out=said.append, clear_globs=False)
    assert not said, "".join(said)


def run_commands(page, block):
    """Run the lines after ``$ ``, with ours as the command ``npz``."""
    main = shlex.join([sys.executable, "-c", "from savez._npz import main; main()"])
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        script = f'npz() {{ {main} "$@"; }}\n{command}'
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
        found = done.stdout + done.stderr
        assert found == expected, f"{page}:{block.line}: {command}\n{found}"


if __name__ == "__main__":
    page, title = sys.argv[1:]
    for block in blocks(page, title):
        run(page, block, globals())
