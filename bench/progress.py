"""What is going on, on one line of the terminal; nothing if nobody looks."""

import shutil
import sys


class Line:
    """A line that is written over."""

    def __init__(self, stream=sys.stderr):
        self._stream = stream if stream.isatty() else None
        self._prefix = ""

    def of(self, number, count):
        """Which row it is, of how many."""
        self._prefix = f"[{number}/{count}] "

    def tell(self, text):
        """Shows a text in place of the last."""
        if self._stream is not None:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write("\r\x1b[K" + (self._prefix + text)[:width])
            self._stream.flush()

    def clear(self):
        """Leaves the line empty."""
        if self._stream is not None:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
