"""The process that decodes pictures: `python -m infra.images.worker`, started by `infra.images.decoder`.

It reads tasks from its standard input and writes answers to its standard output, one at a time, until the input ends.
Both are a frame: the lengths of a JSON object and of a body (each 4 bytes, big-endian), then the two. Whatever crafted
bytes do to a decoder happens here: in a process without secrets, files or network, with limits on memory and time.
"""

from __future__ import annotations

import json
import signal
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from infra.images.frames import LENGTHS, MAPPED
from infra.images.imaging import CutOffError, DamagedError, Source, Target, TooLargeError, complete, convert, shrink

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

_SLACK_BYTES = 16 * 2**20  # for what a task needs besides pixels


def run(task: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """Carry out one task. Returns the answer, and the picture that was made."""
    source = Source(content=content, **task["source"])
    try:
        if "limit" in task:
            data, form = shrink(source, task["limit"], task["packet"])
        elif "target" in task:
            data, form = convert(source, Target(**task["target"]))
        else:
            data, form = complete(source)
    except MemoryError:
        return {"error": "memory"}, b""
    except TooLargeError:
        return {"error": "too large"}, b""
    except CutOffError:
        return {"error": "cut off"}, b""
    except DamagedError as error:
        return {"error": "damaged", "detail": str(error)[:200]}, b""
    return {"format": form}, data


def main() -> None:
    """Serve tasks until the input ends. Arguments: bytes of memory for a task, seconds for a task."""
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the bot, which ends its workers
    warnings.simplefilter("ignore")  # about strangers' files, by the thousand
    _limit(memory)
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while head := _read(source, LENGTHS.size):
        task_bytes, content_bytes = LENGTHS.unpack(head)
        task, content = json.loads(_read(source, task_bytes)), _read(source, content_bytes)
        _alarm(seconds)
        answer, data = run(task, content)
        _alarm(0)
        del content
        head = json.dumps(answer).encode()
        target.write(LENGTHS.pack(len(head), len(data)) + head)
        target.write(data)
        target.flush()


def _read(source: IO[bytes], size: int) -> bytes:
    """Read so many bytes; none at the end of the input."""
    data = source.read(size)
    if data and len(data) < size:
        raise EOFError
    return data


def _limit(memory: int) -> None:
    """Allow as much more memory as this process has now, no files to write, and no core dumps."""
    if resource is None:
        return
    if pages := _pages():
        most = pages * resource.getpagesize() + memory + _SLACK_BYTES
        _, allowed = resource.getrlimit(resource.RLIMIT_AS)
        most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):  # where memory runs out, Linux shall end this process, not the bot
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _pages() -> int:
    """Return how many pages of memory this process has mapped; 0 where that can't be found out."""
    try:
        return int(MAPPED.read_text("ascii").split()[0])
    except OSError:
        return 0


def _alarm(seconds: int) -> None:
    """End this process when a task takes too long, even if the bot that started it is gone."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


if __name__ == "__main__":
    main()
