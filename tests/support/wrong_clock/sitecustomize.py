"""Makes a process's clock wrong: Python imports this at its start if this folder is in PYTHONPATH.

The file that WRONG_CLOCK names says by how many seconds, at any time.
"""

import os
import time
from pathlib import Path

_file = Path(os.environ["WRONG_CLOCK"])
_right = time.time


def _wrong() -> float:
    return _right() + float(_file.read_text())


time.time = _wrong
