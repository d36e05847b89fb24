"""Writes python.txt, by which the tests compare: kind, bits, format and text, tabs between them.

    python python.py > python.txt        # with NumPy 2.4 or newer
"""

import numpy as np

FLOATS = "%.18e %.16e %g %.3f %.0f %+.2e %#.0e %08.1f %-9.2g| % G %F %.25f %s %r"
FORMATS = {
    "F64": FLOATS,
    "F32": FLOATS,
    "F16": FLOATS,
    "I64": "%d %08.5d %#x %-#10o| %+.3X %e %s %r %5.1s| %-4d|",
    "U8": "%d %o %#X %5.3d| %c %g %r",
}
VALUES = {
    "F64": "0.1 -0.0 1.5 2.5 1e22 123456.5 9.999995 0.0005 1e-4 5e-324 1.7976931348623157e308 1e16 nan -inf 1e23",
    "F32": "0.1 16777216 1e-4 -1e-45 3.4028235e38 inf",
    "F16": "0.1 1000 65504 6e-8 -nan",
    "I64": "0 42 -42 -9223372036854775808",
    "U8": "0 65 255",
}
TYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "U8": np.uint8}

for kind, values in VALUES.items():
    for value in map(TYPES[kind], values.split()):
        bits = value.tobytes()[::-1].hex()
        for fmt in FORMATS[kind].replace("% ", "%~").split():
            fmt = fmt.replace("~", " ")
            print(kind, bits, fmt, (fmt % value).encode("unicode_escape").decode(), sep="\t")
