"""`python -m seedream` saves what is paid for, whatever becomes of its output."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import pty
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from seedream.cli.screen import Screen
from tests.seedream.conftest import KEY
from tests.seedream.raw_server import RawServer, pieces, reply
from tests.seedream.strategies import JPEG

ROOT = Path(__file__).parents[2]
FOX = "赤狐在雪中".encode()
ASCII_LOCALE = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


class Ended(NamedTuple):
    status: int
    out: bytes
    err: str
    saved: list[str]


def picture(index: int) -> bytes:
    image = base64.b64encode(JPEG).decode()
    event = {"type": "image_generation.partial_succeeded", "image_index": index, "b64_json": image}
    return json.dumps(event).encode() + b"\n"


END = json.dumps({"type": "image_generation.completed", "usage": {"generated_images": 4}}).encode() + b"\n"
STREAMED = reply(200, b"".join(map(picture, range(4))) + END)
WHOLE = reply(200, {"data": [{"b64_json": base64.b64encode(JPEG).decode()}] * 4})


@pytest.fixture
async def server():
    async with RawServer() as opened:
        yield opened


@pytest.fixture
def start(tmp_path, server):
    """Start the command with the shell's redirections."""

    async def begin(prompt: bytes, options: str = "", redirection: str = "", environ=None, **streams):
        service = f"--key {KEY} --base-url {server.url}"
        command = f'"$PY" -m seedream "$PROMPT" --group 4 {options} {service} {redirection}'
        given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "PY": sys.executable}
        pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE} | streams
        environment = {**given, "PROMPT": prompt, **(environ or {})}
        return await asyncio.create_subprocess_exec("bash", "-c", command, env=environment, cwd=tmp_path, **pipes)

    return begin


@pytest.fixture
def run(start, tmp_path):
    async def start_and_wait(*arguments, **environ) -> Ended:
        process = await start(*arguments, environ=environ)
        out, err = await process.communicate()
        folder = tmp_path / "out"
        saved = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        return Ended(process.returncode, out, err.decode(errors="backslashreplace"), saved)

    return start_and_wait


@pytest.mark.parametrize("options", ["--stream", "", "--json"])
@pytest.mark.parametrize(
    "environ",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "latin-1:strict"},
        ASCII_LOCALE,
    ],
    ids=["ascii", "cp1252", "latin-1", "an ASCII locale"],
)
async def test_every_picture_is_saved_and_named_where_the_prompt_can_not_be_printed(
    server, run, tmp_path, environ, options
):
    server.answers.append(STREAMED if "--stream" in options else WHOLE)
    ended = await run(FOX, options, **environ)
    assert ended.status == 0, ended.err
    assert ended.saved == [f"seedream-{number}.jpeg" for number in range(1, 5)]
    assert server.received[0].json["prompt"] == FOX.decode()
    named = [image["file"] for image in json.loads(ended.out)["images"]] if "--json" in options else ended.out.split()
    assert all((tmp_path / os.fsdecode(name)).exists() for name in named)
    assert len(named) == 4


async def test_a_prompt_names_its_files_where_they_can_be_printed(server, run):
    server.answers.append(STREAMED)
    ended = await run("Füchse, 赤狐".encode(), "--stream")
    assert ended.out.decode().splitlines() == [f"out/füchse-赤狐-{number}.jpeg" for number in range(1, 5)]


async def test_a_folder_that_stdout_has_no_letters_for_is_escaped_and_bytes_stay_as_they_are(server, run, tmp_path):
    server.answers += [STREAMED, STREAMED]
    assert (await run(b"fox", "--stream -o 雪", PYTHONIOENCODING="ascii")).out.startswith(b"\\u96ea/fox-1.jpeg\n")
    assert (await run(b"fox", "--stream -o $'f\\xfc'")).out.startswith(b"f\xfc/fox-1.jpeg\n")
    assert (tmp_path / "雪" / "fox-4.jpeg").exists()
    assert (tmp_path / os.fsdecode(b"f\xfc") / "fox-4.jpeg").exists()


@pytest.mark.parametrize("options", ["--stream", "--json"])
@pytest.mark.parametrize(
    "redirection",
    [
        "| head -1; exit ${PIPESTATUS[0]}",
        "| true; exit ${PIPESTATUS[0]}",
        "2> >(exec 0<&-)",
        "2>&1 | true; exit ${PIPESTATUS[0]}",
        ">&-",
        "2>&-",
        ">&- 2>&- <&-",
        "2>/dev/full",
    ],
)
async def test_every_picture_is_saved_where_nobody_reads(server, run, redirection, options):
    server.answers.append(STREAMED if "--stream" in options else WHOLE)
    status, _, err, saved = await run(b"a red fox", options, redirection)
    assert saved == [f"a-red-fox-{number}.jpeg" for number in range(1, 5)]
    assert (status, "Traceback" in err, "ignored" in err) == (0, False, False), err


@pytest.mark.parametrize("options", ["--stream", "", "--stream --json"])
async def test_output_that_a_full_disk_swallows_is_a_sentence_and_exit_status_1(server, run, options):
    server.answers.append(STREAMED if "--stream" in options else WHOLE)
    ended = await run(b"fox", options, ">/dev/full")
    assert ended.saved == [f"fox-{number}.jpeg" for number in range(1, 5)]
    assert ended.status == 1
    assert ended.err.splitlines()[-1] == "The output could not be written: No space left on device."


async def test_help_for_nobody_is_no_error(run):
    for redirection in ("--help | true; exit ${PIPESTATUS[0]}", "--help >&-", "--help 2>&-"):
        assert (await run(b"", "", redirection))[:3:2] == (0, "")


@pytest.mark.parametrize("prompt", [b"fox \xff in snow", b"fox \xed\xa0\xbd in snow", "Füchse".encode("latin-1")])
@pytest.mark.parametrize("environ", [{}, ASCII_LOCALE], ids=["UTF-8", "ASCII"])
async def test_a_prompt_of_other_bytes_is_refused_before_anything_is_sent(server, run, prompt, environ):
    ended = await run(prompt, "--json", **environ)
    assert (ended.status, ended.saved, server.received) == (2, [], [])
    assert ended.err.count("\n") == 1
    assert "argument prompt: it has bytes that aren't text in UTF-8" in ended.err
    assert json.loads(ended.out)["error"]["code"] == "invalid_request"


@pytest.mark.parametrize(
    "option",
    ["--model", "--size", "--ratio", "--task", "--callback-url", "--key", "--base-url", "--provider", "--format"],
)
async def test_no_option_takes_bytes_that_are_not_text(server, run, option):
    ended = await run(b"fox", f"{option} $'x\\xff'")
    assert (ended.status, ended.err.count("\n"), server.received) == (2, 1, [])


@pytest.mark.parametrize("reference", ["x\\xff.png", "https://x.example/\\xff"])
async def test_no_reference_with_odd_bytes_ends_in_a_traceback(server, run, reference):
    ended = await run(b"fox", f"--image $'{reference}'")
    assert (ended.status, ended.err.count("\n"), server.received) == (2, 1, [])


def full_pipe() -> tuple[int, int]:
    """A pipe that takes nothing more until it is read."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for size in (1 << 16, 1):
        try:
            while True:
                os.write(writer, b"x" * size)
        except BlockingIOError:
            pass
    os.set_blocking(writer, True)
    return reader, writer


async def read_all(descriptor: int) -> bytes:
    """Read until all writers have closed."""
    written = b""
    while part := await asyncio.to_thread(os.read, descriptor, 1 << 16):
        written += part
    os.close(descriptor)
    return written


async def test_a_reader_of_messages_who_has_stopped_is_not_waited_for_before_all_is_saved(server, start, tmp_path):
    server.answers.append(STREAMED)
    reader, writer = full_pipe()
    process = await start(b"fox", "--stream", stderr=writer)
    os.close(writer)
    lines = [await process.stdout.readline() for _ in range(4)]
    assert all((tmp_path / line.decode().strip()).exists() for line in lines)
    assert b"4 of 4 after" in await read_all(reader)
    assert await process.wait() == 0


async def test_a_reader_of_names_who_has_stopped_is_not_waited_for_before_all_is_saved(server, start):
    server.answers.append(STREAMED)
    reader, writer = full_pipe()
    process = await start(b"fox", "--stream", stdout=writer)
    os.close(writer)
    while b"4 of 4" not in await process.stderr.readline():
        assert process.returncode is None
    assert (await read_all(reader)).endswith(b"xout/fox-1.jpeg\nout/fox-2.jpeg\nout/fox-3.jpeg\nout/fox-4.jpeg\n")
    assert await process.wait() == 0


def on_a_screen(written: str) -> list[str]:
    """Return the lines that a terminal shows in the end."""
    lines = []
    for line in written.replace("\r\n", "\n").split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip())
    return lines


async def read_until(terminal: int, condition) -> str:
    """Read a terminal until what was written fulfils the condition, or its program has ended."""
    written = ""
    while not condition(written):
        try:
            written += (await asyncio.to_thread(os.read, terminal, 1 << 16)).decode()
        except OSError:  # the program has closed it
            break
    return written


async def test_the_bar_moves_with_one_picture_and_file_names_have_lines_of_their_own(server, start):
    go_on = asyncio.Event()
    server.answers.append(pieces(go_on, picture(0), picture(1), END))
    terminal, other_end = pty.openpty()
    process = await start(b"fox", "--group 1 --stream", stdout=other_end, stderr=other_end)
    os.close(other_end)
    written = await read_until(
        terminal, lambda text: len({line[:26] for line in text.split("\r") if "0:0" in line}) > 3
    )
    go_on.set()
    written += await read_until(terminal, lambda _: False)
    os.close(terminal)
    assert await process.wait() == 0
    assert on_a_screen(written) == ["out/fox-1.jpeg", "out/fox-2.jpeg", ""]


def test_a_line_for_a_closed_stream_is_no_error(tmp_path):
    closed = (tmp_path / "closed").open("w")
    closed.close()
    with Screen(closed, closed) as screen:
        screen.output("name")
        screen.say("words")
        screen.show_status("bar")
