"""Runs a program of ours as if on Windows: `python -m tests.support.like_windows bot.py --check`.

No loop takes signal handlers or watches files, there is no uvloop, aiodns and resource, no open file can be moved or
deleted, and no mode is changed.
"""

from __future__ import annotations

import asyncio
import os
import runpy
import signal
import sys
from pathlib import Path
from typing import Any

OPEN, MAPPED = Path("/proc/self/fd"), Path("/proc/self/maps")


def _refuse(*_: object) -> None:
    raise NotImplementedError


def _is_open(file: Any) -> bool:
    path = os.path.realpath(file)
    for descriptor in OPEN.iterdir():
        try:
            if os.readlink(descriptor) == path:  # noqa: PTH115 - of what is no file, too
                return True
        except OSError:
            continue
    return any(line.endswith(f" {path}") for line in MAPPED.read_text().splitlines())


def _guarded(function: Any, checked: int) -> Any:
    def guarded(*files: Any, **options: Any) -> Any:
        for file in files[:checked]:
            if isinstance(file, str | os.PathLike) and _is_open(file):
                raise PermissionError(13, "The process cannot access the file because it is being used", str(file))
        return function(*files, **options)

    return guarded


def pretend() -> None:
    asyncio.SelectorEventLoop.add_signal_handler = _refuse
    for module in ("uvloop", "aiodns", "resource"):
        sys.modules[module] = None
    os.replace, os.rename = _guarded(os.replace, 2), _guarded(os.rename, 2)
    os.unlink = os.remove = _guarded(os.unlink, 1)
    os.chmod = lambda *_, **__: None
    del os.geteuid, signal.SIGHUP


if __name__ == "__main__":
    pretend()
    program, sys.argv = sys.argv[1], sys.argv[1:]
    if program.endswith(".py"):
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)
