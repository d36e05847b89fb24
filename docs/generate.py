"""Writes reference.md, next to this script, from the docstrings of `savez` as it is installed.

    python docs/generate.py

Every name in the ``__all__`` of the package and its modules gets an entry. Docstrings are numpydoc: a name in single
backticks becomes a link, to the entry or to NumPy's manual; the sections become lists.
"""

import functools
import inspect
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path

import numpy as np

import savez

PAGE = Path(__file__).with_name("reference.md")
NUMPY = "https://numpy.org/doc/stable/reference/generated/"

#: Where names stand on the page; those that are in none of these come last.
TOPICS = {
    "Saving": ["save", "savez", "savez_compressed", "write", "append", "repack"],
    "Loading": ["load", "NpzFile", "open", "Archive", "LazyArray"],
    "Text": ["savetxt", "loadtxt", "genfromtxt", "fromregex"],
    "In NumPy's place": ["patch_numpy"],
}
#: Modules among the names have chapters of their own; and this is what NumPy has in their place.
NUMPYS = {"savez.format": np.lib.format}


def reference():
    """The whole page."""
    names = [name for name in savez.__all__ if not inspect.ismodule(getattr(savez, name))]
    errors = [name for name in names if _is_error(getattr(savez, name))]
    placed = {*errors, *(name for topic in TOPICS.values() for name in topic)}
    topics = {topic: [name for name in wanted if name in names] for topic, wanted in TOPICS.items()}
    topics["More"] = [name for name in names if name not in placed]
    chapters = [_chapter(topic, savez, np, names) for topic, names in topics.items() if names]
    chapters.append(_errors(errors))
    chapters.extend(map(_module, _modules()))
    return "\n".join([HEAD, "".join(map(_contents, chapters)), *chapters])


HEAD = """\
<!-- Written by generate.py from the docstrings; change those, and run `make docs`. -->
# Reference

All that is public in the Python package `savez`. Recipes are in the [cookbook](cookbook.md). The examples run as tests.
"""


def _contents(chapter):
    """A line of links to the entries of a chapter."""
    (title,) = re.findall(r"^## (?:<a .*</a>)?(.+)$", chapter, re.MULTILINE)
    anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    entries = re.findall(r'^(?:### |\| )<a id="([^"]+)"></a>', chapter, re.MULTILINE)
    links = ", ".join(f"[`{entry.rpartition('.')[2]}`](#{entry})" for entry in entries)
    return f"- [{title}](#{anchor}): {links}\n"


# ---- chapters --------------------------------------------------------------------------------


def _chapter(title, module, theirs, names, introduction=""):
    """Names of a module: each with an entry if it is our own, in a table if it is NumPy's."""
    own = [name for name in names if not _is_numpys(module, theirs, name)]
    entries = [_entry(f"{module.__name__}.{name}", getattr(module, name)) for name in own]
    table = _table(module, theirs, [name for name in names if name not in own])
    return f"## {title}\n\n" + "\n".join(filter(None, [introduction, *entries, table]))


def _modules():
    return [value for value in (getattr(savez, name) for name in savez.__all__) if inspect.ismodule(value)]


def _module(module):
    name = module.__name__
    return _chapter(f"{_anchor(name)}`{name}`", module, NUMPYS.get(name), module.__all__, _text(module))


def _is_numpys(module, theirs, name):
    return theirs is not None and getattr(theirs, name, None) is getattr(module, name)


def _table(module, theirs, names):
    """Names that are NumPy's own objects; the first line of what NumPy says about them."""
    if not names:
        return ""
    rows = [f"NumPy's own, under our name, as [`{theirs.__name__}`]({NUMPY}{theirs.__name__}.html) has them:\n"]
    if theirs is np:
        rows = ["NumPy's own, under our name:\n"]
    rows += ["| | |", "|---|---|"]
    for name in names:
        full = f"{module.__name__}.{name}"
        value = getattr(module, name)
        # A set has another order in every run.
        said = _first_line(value) if callable(value) else f"`{sorted(value) if isinstance(value, set) else value!r}`"
        shown = f"[`{full}`]({NUMPY}numpy.{name}.html)" if theirs is np else f"`{full}`"
        rows.append(f"| {_anchor(full)}{shown} | {_cell(said)} |")
    return "\n".join(rows) + "\n"


def _errors(names):
    """A table: each error, what else it is, when it is raised."""
    said = "All are subclasses of `savez.Error`, and of what NumPy raises in their place.\n"
    rows = ["## Errors\n", said, "| error | is also a | |", "|---|---|---|"]
    for name in sorted(names, key=lambda name: (name != "Error", name)):
        error = getattr(savez, name)
        bases = ", ".join(f"`{_name_of(base)}`" for base in error.__bases__ if base is not savez.Error)
        rows.append(f"| {_anchor(f'savez.{name}')}`savez.{name}` | {bases} | {_cell(_first_line(error))} |")
    return "\n".join(rows) + "\n"


def _is_error(value):
    return inspect.isclass(value) and issubclass(value, savez.Error)


def _name_of(class_):
    return class_.__qualname__ if class_.__module__ == "builtins" else f"{class_.__module__}.{class_.__qualname__}"


def _first_line(value):
    return " ".join((inspect.getdoc(value) or "").partition("\n\n")[0].split())


def _cell(text):
    return _markup(text).replace("|", r"\|")


def _anchor(name):
    return f'<a id="{name}"></a>'


# ---- entries ---------------------------------------------------------------------------------


def _entry(full, value):
    """One name: how it is called, what its docstring says, and, of a class, its members."""
    head = f"### {_anchor(full)}"
    if inspect.isclass(value):
        members = [_member(f"{full}.{name}", found) for name, found in _members(value)]
        return "\n".join([f"{head}`class {full}`\n\n{_text(value)}", _protocols(value), *members])
    if callable(value):
        return f"{head}`{full}`\n\n{_call(full, value)}\n{_text(value)}"
    return f"{head}`{full}`\n\n`{value!r}`\n"


def _call(full, function):
    """The signature."""
    line = textwrap.fill(f"{full}{inspect.signature(function)}", 100, subsequent_indent=" " * (len(full) + 1))
    return f"```python\n{line}\n```\n"


def _members(class_):
    """Methods and properties that are public and of the class itself, as they stand in it."""
    for name, value in vars(class_).items():
        if not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
            yield name, value


def _member(full, value):
    """A method or a property, named by its class."""
    call = full.removeprefix("savez.")
    if not isinstance(value, property):
        signature = inspect.signature(value)
        call += str(signature.replace(parameters=list(signature.parameters.values())[1:]))
    return f"#### {_anchor(full)}`{call}`\n\n{_text(value)}"


#: What the language and others may do with an object that has these methods.
_PROTOCOLS = {
    "__getitem__": "`x[…]`",
    "__len__": "`len(x)`",
    "__iter__": "iteration",
    "__contains__": "`in`",
    "__enter__": "`with`",
    "__array__": "NumPy's functions",
    "__dlpack__": "DLPack",
    "__reduce__": "pickling",
    "_repr_html_": "tables in notebooks",
}


def _protocols(class_):
    can = [said for name, said in _PROTOCOLS.items() if name in vars(class_)]
    if issubclass(class_, Mapping):
        can.append("and what a `Mapping` has")
    return f"Supports {', '.join(can)}.\n"


# ---- docstrings ------------------------------------------------------------------------------

_SECTION = re.compile(r"^(?P<title>[A-Z][\w ]+)\n-{3,}$", re.MULTILINE)


def _text(value):
    """A docstring as Markdown."""
    before, *parts = _SECTION.split(inspect.getdoc(value) or "")
    pieces = [_prose(before)]
    for title, body in zip(parts[::2], parts[1::2]):
        pieces.append(f"**{title}**\n\n{_WRITERS.get(title, _prose)(body.strip())}")
    return "\n".join(piece for piece in pieces if piece.strip())


def _prose(text):
    """Paragraphs and lists; doctests, and what is indented or a table, as blocks."""
    return "\n".join(map(_paragraph, re.split(r"\n{2,}", text.strip("\n"))))


def _paragraph(text):
    if text.startswith(">>> "):
        return f"```pycon\n{text}\n```\n"
    if text.startswith((" ", "===")):
        return f"```text\n{textwrap.dedent(text)}\n```\n"
    if text.startswith(("- ", "* ")):
        items = re.split(r"^[-*] ", text, flags=re.MULTILINE)[1:]
        return _list((_markup(" ".join(item.split())), "") for item in items)
    text = re.sub("::$", ":", " ".join(text.split()))
    return f"{_markup(text)}\n"


def _parameters(body):
    """Names, their types in brackets, and what they mean, as a list."""
    items = []
    for head, said in _definitions(body):
        names, _, kind = head.partition(" : ")
        names = ", ".join(f"`{name}`" for name in names.split(", "))
        items.append((f"{names} ({_kinds(kind)})" if kind else names, said))
    return _list(items)


def _results(body):
    """As `_parameters`, but what has no name is a type."""
    items = []
    for head, said in _definitions(body):
        name, _, kind = head.rpartition(" : ")
        items.append((f"`{name}` ({_kinds(kind)})" if name else _kinds(kind), said))
    return _list(items)


def _raises(body):
    return _list((_linked(name) or f"`{name}`", said) for name, said in _definitions(body))


def _see_also(body):
    lines = (line.partition(" : ") for line in body.splitlines())
    return _list((", ".join(_linked(name) or f"`{name}`" for name in names.split(", ")), said) for names, _, said in lines)


_WRITERS = {
    "Parameters": _parameters,
    "Other Parameters": _parameters,
    "Attributes": _parameters,
    "Returns": _results,
    "Yields": _results,
    "Raises": _raises,
    "Warns": _raises,
    "See Also": _see_also,
}


def _definitions(body):
    """What stands at the margin, and the text indented below it."""
    for definition in re.findall(r"^\S.*(?:\n(?: .*)?)*", body, re.MULTILINE):
        head, _, said = definition.partition("\n")
        yield head, " ".join(said.split())


def _list(items):
    return "".join(f"- {head}: {_markup(said)}\n" if said else f"- {head}\n" for head, said in items)


def _kinds(text):
    """The type of a parameter or a result, our own classes linked."""
    return re.sub(r"\w+", lambda word: _class(word[0]) or word[0], text)


def _class(name):
    return _linked(name) if inspect.isclass(getattr(savez, name, None)) else None


def _markup(text):
    """Roles and backticks of reStructuredText as Markdown."""
    text = re.sub(r":\w+:`([^`]+)`", r"``\1``", text)
    return re.sub(r"``([^`]+)``|`([^`]+)`", _code, text)


def _code(match):
    literal, name = match.groups()
    return f"`{literal}`" if literal else _linked(name) or f"`{name}`"


def _linked(name):
    """A link to the entry of a name, if it has one here or in NumPy's manual."""
    for full in (name, f"savez.{name}", f"savez.format.{name}", f"savez.LazyArray.{name}"):
        if full in _entries():
            return f"[`{name}`](#{full})"
    if name.startswith("numpy.") and hasattr(np, name[6:]):
        return f"[`{name}`]({NUMPY}{name}.html)"
    return None


@functools.cache
def _entries():
    """The full names of all that has an entry."""
    full = {f"savez.{name}" for name in savez.__all__}
    for module in _modules():
        full |= {f"{module.__name__}.{name}" for name in module.__all__}
    for name in savez.__all__:
        if inspect.isclass(class_ := getattr(savez, name)):
            full |= {f"savez.{name}.{member}" for member, _ in _members(class_)}
    return full


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
