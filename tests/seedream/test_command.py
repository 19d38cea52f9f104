"""`python -m seedream`, against a server that answers as told."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from seedream.cli.main import main
from tests.seedream.conftest import KEY
from tests.seedream.raw_server import RawServer, error, hang, reply
from tests.seedream.samples import sample
from tests.seedream.strategies import JPEG, PNG

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEEDREAM_API_KEY", raising=False)
    monkeypatch.delenv("SEEDREAM_BASE_URL", raising=False)


async def run(*arguments: str, server: RawServer | None = None) -> int:
    service = ["--key", KEY, "--base-url", server.url] if server else []
    return await asyncio.to_thread(main, [*arguments, *service])


def write(name: str, text: bytes) -> None:
    Path(name).write_bytes(text)


def make_folder(name: str) -> None:
    Path(name).mkdir()


def remove_folder(name: str) -> None:
    Path(name).rmdir()


def content(name: str) -> bytes:
    return Path(name).read_bytes()


def saved() -> list[str]:
    return sorted(path.name for path in Path("out").iterdir())


def linked(server: RawServer, *names: str) -> dict:
    return {"task_id": "task-1", "trace_id": "trace-1", "data": [{"url": f"{server.url}/{name}"} for name in names]}


def streamed(*events: dict) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


async def test_a_picture_is_saved_under_the_prompt_with_the_right_extension(capsys):
    async with RawServer() as server:
        server.answers += [reply(200, linked(server, "a.jpeg")), reply(200, PNG)]
        assert await run("A red fox, in snow!", "--size", "2k", "--ratio", "16:9", server=server) == 0
        assert server.received[0].json["size"] == "2848x1600"
    assert content("out/a-red-fox-in-snow-1.png") == PNG
    printed = capsys.readouterr()
    assert printed.out == "out/a-red-fox-in-snow-1.png\n"
    assert printed.err.startswith("1 of 1 after ")
    assert saved() == ["a-red-fox-in-snow-1.png"]


async def test_every_option_arrives_in_the_request():
    write("in.png", PNG)
    arguments = (
        "x --model lite --image in.png --image https://x.example/1 --group 3 --watermark --format png --web-search"
    )
    async with RawServer(reply(200, sample("submission.json"))) as server:
        more = ["--optimize", "standard", "--callback-url", "https://x.example/cb", "--response-format", "b64_json"]
        assert await run(*arguments.split(), *more, server=server) == 0
        body = server.received[0].json
    assert body.pop("image")[0].startswith("data:image/png;base64,iVBOR")
    assert body == {
        "model": "doubao-seedream-5-0-lite-260128",
        "prompt": "x",
        "size": "2048x2048",
        "response_format": "b64_json",
        "output_format": "png",
        "tools": [{"type": "web_search"}],
        "optimize_prompt_options": {"mode": "standard"},
        "callback_url": "https://x.example/cb",
        "sequential_image_generation": "auto",
        "sequential_image_generation_options": {"max_images": 3},
        "watermark": True,
    }


async def test_a_group_is_streamed_and_what_is_refused_is_said(capsys):
    async with RawServer() as server:
        kind = "image_generation.partial_"
        server.answers += [
            reply(
                200,
                streamed(
                    {"type": f"{kind}succeeded", "image_index": 0, "url": f"{server.url}/0"},
                    {"type": f"{kind}failed", "image_index": 1, "error": {"code": "x", "message": "not allowed"}},
                    {"type": f"{kind}succeeded", "image_index": 2, "b64_json": "/9j/4AAQ"},
                    {"type": "image_generation.completed", "usage": {"generated_images": 2}},
                ),
            ),
            reply(200, JPEG),
        ]
        assert await run("fox", "--group", "3", "--stream", "-o", "pictures", "--json", server=server) == 0
    printed = capsys.readouterr()
    assert "Image 2 was not made: not allowed" in printed.err
    report = json.loads(printed.out)
    assert [image["file"] for image in report["images"]] == ["pictures/fox-1.jpeg", "pictures/fox-3.jpeg"]
    assert report["failures"] == [{"index": 1, "code": "x", "message": "not allowed"}]
    assert report["usage"]["generated_images"] == 2


async def test_the_task_that_a_stream_names_is_reported_also_where_it_breaks(capsys):
    begun = streamed({"type": "image_generation.started", "task_id": "task-1", "trace_id": "trace-1"})
    failed = streamed({"type": "error", "error": {"code": "busy"}, "task_id": "task-1"})
    async with RawServer(reply(200, begun), reply(200, failed)) as server:
        assert await run("fox", "--group", "3", "--stream", "--json", server=server) == 1
        report = json.loads(capsys.readouterr().out)
        assert (report["task_id"], report["trace_id"]) == ("task-1", "trace-1")
        assert await run("fox", "--group", "3", "--stream", "--json", server=server) == 1
    assert json.loads(capsys.readouterr().out)["task_id"] == "task-1"


async def test_a_task_is_waited_for_and_can_be_picked_up_later(capsys, monkeypatch):
    monkeypatch.setattr("seedream.polling.SHORTEST_SECONDS", 0.01)
    running = reply(200, sample("task_running.json"))
    async with RawServer() as server:
        done = reply(200, {"id": "task-1", "response": linked(server, "a")})
        server.answers += [reply(200, sample("submission.json")), running, running, done, reply(200, JPEG)]
        assert await run("fox", "--async", server=server) == 0
        server.answers += [done, reply(200, JPEG)]
        assert await run("--task", "task-1", server=server) == 0
    printed = capsys.readouterr()
    assert printed.out == "out/fox-1.jpeg\nout/task-task-1-1.jpeg\n"
    assert "Task task-1 has started." in printed.err


async def test_a_failed_task_is_one_line(capsys):
    async with RawServer(reply(200, sample("task_failed.json"))) as server:
        assert await run("--task", "task-2", server=server) == 1
    assert capsys.readouterr().err == (
        "Something failed inside the service. The service says: “Internal server error.” "
        "(HTTP 200, api_error, trace trace-2)\n"
    )


async def test_a_second_run_overwrites_nothing():
    async with RawServer() as server:
        server.answers += [reply(200, linked(server, "a")), reply(200, JPEG)] * 2
        assert await run("fox", server=server) == await run("fox", server=server) == 0
    assert saved() == ["fox-1.jpeg", "fox-2.jpeg"]


async def test_a_picture_that_can_not_be_fetched_keeps_its_link(capsys):
    async with RawServer() as server:
        server.answers += [reply(200, linked(server, "a", "b")), reply(404), reply(200, b"<html>")]
        assert await run("fox", "--group", "2", server=server) == 1
        err = capsys.readouterr().err
        assert f"Its link works for 24 hours: {server.url}/a" in err
        assert f"What the service sent isn't an image. Its link works for 24 hours: {server.url}/b" in err
    assert saved() == []


async def test_an_api_error_is_one_line_and_never_the_key(capsys):
    async with RawServer(error(401, "invalid_token", f"{KEY} is\nwrong")) as server:
        assert await run("fox", server=server) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "[key] is wrong" in err
    assert KEY not in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "prompt: The prompt is empty. Describe the image you want.\n"),
        (["x", "--model", "4.6"], "model 4.6: SeeDream has no such model. Did you mean doubao-seedream-4.5?\n"),
        (
            ["x", "--image", "nothing.png"],
            (
                "references nothing.png: This file can't be used: No such file or directory. "
                "Use an image file or a link to one.\n"
            ),
        ),
        (
            ["x", "--image", "text.png"],
            (
                "references text.png: This file is a text file. "
                "Use a JPEG, PNG, WebP, HEIC, AVIF, BMP, TIFF or GIF picture.\n"
            ),
        ),
        (
            ["x", "--key", KEY, "-o", "text.png"],
            "out text.png: The images can't be saved there: File exists. Choose another folder.\n",
        ),
        (
            ["x"],
            (
                "key: The API key is missing. "
                "Put SEEDREAM_API_KEY=... into .env in this folder, or into the environment.\n"
            ),
        ),
        (
            ["x", "--key", KEY, "--base-url", "x"],
            "base_url x: An address starts with https:// or http:// and a host name.\n",
        ),
    ],
)
async def test_bad_input_is_a_sentence_and_exit_status_2(capsys, arguments, sentence):
    write("text.png", b"hello, this is a text")
    assert await run(*arguments) == 2
    assert capsys.readouterr().err == sentence


async def test_the_key_and_address_may_be_in_a_file_and_the_environment_comes_first(monkeypatch):
    async with RawServer(error(401, "invalid_token"), error(401, "invalid_token")) as server:
        write(".env", f"SEEDREAM_API_KEY=from-file\nSEEDREAM_BASE_URL={server.url}\n".encode())
        assert await run("fox") == 1
        monkeypatch.setenv("SEEDREAM_API_KEY", "from-environment")
        assert await run("fox") == 1
        keys = [received.headers["authorization"] for received in server.received]
    assert keys == ["Bearer from-file", "Bearer from-environment"]


@pytest.mark.parametrize(
    "file",
    ["SEEDREAM_API_KEY=a${HOME}b\n", "\ufeffseedream_api_key = 'a${HOME}b'\r\n", "export SEEDREAM_API_KEY=a${HOME}b"],
)
async def test_the_file_means_what_it_means_to_the_bot(monkeypatch, file):
    write(".env", file.encode())
    monkeypatch.setenv("SEEDREAM_API_KEY", " ")
    async with RawServer(error(401, "invalid_token")) as server:
        assert await run("fox", "--base-url", server.url) == 1
        assert server.received[0].headers["authorization"] == "Bearer a${HOME}b"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (f"SEEDREAM_API_KEY={KEY}\n".encode("utf-16"), ".env is in UTF-16. Save it in UTF-8."),
        (b"# f\xfcr uns\n", ".env, line 1, is not in UTF-8. Save the file in that encoding."),
        (f"SEEDREAM_API_KEY {KEY}\n".encode(), ".env, line 1: write it as NAME=value."),
        (None, ".env can't be read: Is a directory."),
    ],
    ids=["UTF-16", "Latin-1", "no equals sign", "a folder"],
)
async def test_a_file_that_can_not_be_read_is_one_line_and_no_key_is_called_missing(capsys, content, sentence):
    if content is None:
        make_folder(".env")
    else:
        write(".env", content)
    assert await run("fox", "--json") == 2
    printed = capsys.readouterr()
    assert printed.err == f"{sentence}\n"
    assert json.loads(printed.out)["error"] == {"code": "invalid_request", "message": sentence}


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["fox", "--group", "many"], 2, "invalid_request"),
        (["fox", "--colour"], 2, "invalid_request"),
        (["fox", "--model"], 2, "invalid_request"),
        (["fox", "fox"], 2, "invalid_request"),
        (["fox"], 2, "invalid_request"),
        (["fox", "--key", KEY, "--base-url", "http://127.0.0.1:9"], 1, "failed"),
    ],
)
async def test_json_is_printed_also_where_nothing_can_be_made(capsys, arguments, status, code):
    assert await run("--json", *arguments) == status
    printed = capsys.readouterr()
    report = json.loads(printed.out)
    assert (report["images"], report["error"]["code"]) == ([], code)
    assert printed.err == f"{report['error']['message']}\n"
    assert printed.err.count("\n") == 1


async def test_a_prompt_that_is_spelt_like_an_option_asks_for_no_json(capsys):
    assert await run("--", "--json") == 2
    assert capsys.readouterr().out == ""


async def test_a_folder_that_was_removed_meanwhile_is_made_again():
    async def answer(writer):
        remove_folder("out")
        await reply(200, {"data": [{"b64_json": "/9j/4AAQ"}]})(writer)

    async with RawServer(answer) as server:
        assert await run("fox", server=server) == 0
    assert saved() == ["fox-1.jpeg"]


async def test_what_has_no_link_is_kept_whatever_it_is():
    async with RawServer(reply(200, {"data": [{"b64_json": "AAAA"}]})) as server:
        assert await run("fox", server=server) == 0
    assert content("out/fox-1.bin") == b"\0\0\0"


@pytest.mark.parametrize(
    ("arguments", "answer", "words"),
    [
        (["fox"], hang, "Interrupted. The request may be billed.\n"),
        (
            ["--task", "task-1"],
            reply(200, sample("task_running.json")),
            "Interrupted. The task goes on and may be billed. Wait for it with: python -m seedream --task task-1\n",
        ),
    ],
)
async def test_ctrl_c_says_what_was_sent_may_be_billed(arguments, answer, words):
    async with RawServer(*[answer] * 100) as server:
        command = [sys.executable, "-m", "seedream", *arguments, "--key", KEY, "--base-url", server.url]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE, env=environment)
        await server.wait_for_requests(1)
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert err.decode() == words
    assert process.returncode == 130


def test_help_shows_every_option_with_examples(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    words = capsys.readouterr().out
    options = "model size ratio image group seed guidance format web-search watermark optimize background layers async"
    for option in [
        *options.split(),
        "callback-url",
        "response-format",
        "base-url",
        "key",
        "task",
        "json",
        "out",
        "stream",
    ]:
        assert f"--{option}" in words
    assert "examples:" in words
    assert "SeeDream 5.0 lite, SeeDream 4.5, SeeDream 4.0 or SeeDream 5.0 pro only" in " ".join(words.split())


@pytest.mark.parametrize("prompt", ["con", "NUL", "aux", "prn", "com1", "LPT9", "con.txt", "nul."])
async def test_the_number_keeps_a_prompt_from_naming_a_device_of_windows(prompt):
    async with RawServer(reply(200, {"data": [{"b64_json": "/9j/4AAQ"}]})) as server:
        assert await run(prompt, server=server) == 0
    (name,) = saved()
    assert name.split(".")[0].endswith("-1")
