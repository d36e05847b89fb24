"""Writes wheels.json: `python -m conformance.make_manifest`, with requirements.txt installed."""

import json
from pathlib import Path

from . import wheels

MANIFEST = Path(__file__).with_name("wheels.json")


def manifest():
    return [
        {
            "package": package,
            "version": wheels.version(package),
            "path": path,
            "members": {
                "" if name is None else name: wheels.description(found)
                for name, found in wheels.load_all(file).items()
            },
        }
        for package in wheels.PACKAGES
        for path, file in wheels.files(package)
    ]


def text(entries):
    """JSON with a line for each member."""
    blocks = []
    for entry in entries:
        head = json.dumps({key: value for key, value in entry.items() if key != "members"})
        lines = [f"  {json.dumps(name)}: {json.dumps(found)}" for name, found in entry["members"].items()]
        blocks.append(f'{head[:-1]}, "members": {{\n' + ",\n".join(lines) + "}}")
    return "[\n" + ",\n".join(blocks) + "\n]\n"


if __name__ == "__main__":
    MANIFEST.write_text(text(manifest()))
