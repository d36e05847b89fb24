"""The command ``npz``."""

import sys

from . import _savez


def main():
    """Run the command with the arguments of this process."""
    sys.exit(_savez.run_npz(["npz", *sys.argv[1:]]))
