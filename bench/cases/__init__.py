"""What is measured, a module a topic: each has `rows(quick)`, which lists its rows."""

import importlib

#: In the order of the report. Those in `ON_REQUEST` take long, and run only if asked for by name.
TOPICS = ("save", "load", "map", "many", "calls", "layouts", "compress", "inflate", "part", "text", "ls")
ON_REQUEST = ("scaling", "corpus")


def rows(topic, quick):
    """The rows of a topic."""
    return importlib.import_module(f"{__name__}.{topic}").rows(quick)
