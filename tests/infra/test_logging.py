"""Logging: what a line says, and what it never says."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.logging import JsonFormatter, TextFormatter, configure_logging
from studio.errors import UnavailableError
from studio.jobs.images import JobImage
from studio.jobs.job_log import log_context, log_end
from studio.jobs.states import Failure, JobState, Path, Reason
from tests.support.jobs import a_job, a_picture

if TYPE_CHECKING:
    from studio.jobs.job import Job

TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
KEY = "f3a9c1d27b6e4805"
INTERACTION = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDpzZWNyZXQ"
FORMS = ["text", "json"]
log = logging.getLogger("studio.jobs.service")


def ended_job() -> Job:
    image = JobImage(index=0, picture=a_picture())
    return replace(
        a_job(), id="a", state=JobState.DONE, path=Path.STREAM, images=(image,), reserved=2, spent=1, finished_at=12.5
    )


@pytest.fixture(autouse=True)
def as_before():
    """Logging is the whole process's: every test leaves it as it was."""
    root = logging.getLogger()
    names = ("", "discord", "alembic", "asyncio", "PIL", "aiosqlite")
    levels = {name: logging.getLogger(name).level for name in names}
    handlers = root.handlers[:]
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def configure(capsys):
    """Configure logging; what is logged from then on comes back as text."""

    def configured(level: str = "INFO", form: str = "text", secrets=(TOKEN, KEY)):
        configure_logging(level, form, secrets=secrets)
        return lambda: capsys.readouterr().err

    return configured


def fail(text: str) -> None:
    raise RuntimeError(text)


def test_a_line_of_text_says_when_how_grave_who_and_what(configure):
    logged = configure()
    log.info("job %s is %s", "abc", "done")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO     studio.jobs.service      job abc is done\n", logged())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "text",
    [
        "can't reach postgresql://bot:sesame@db.example/bot",
        "can't reach http://sesame@proxy.example:3128",
        "can't use postgresql://db.example/bot?sslpassword=sesame&sslmode=require",
        "can't fetch https://files.example/a.png?X-Tos-Signature=sesame",
    ],
)
def test_a_secret_in_an_address_is_recognised_by_its_place(configure, text, form):
    logged = configure(form=form)
    log.warning("%s", text)
    line = logged()
    assert "sesame" not in line
    assert ".example" in line


def test_a_line_of_json_is_one_object(configure):
    logged = configure(form="json")
    log.warning("“%s”\n", "ein Fuchs", extra={"job": "abc"})
    entry = json.loads(logged())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry.pop("time"))
    assert entry == {"level": "WARNING", "logger": "studio.jobs.service", "message": "“ein Fuchs”\n", "job": "abc"}


def test_a_line_names_its_job_server_and_member_once(configure):
    logged = configure()
    log.info("done", extra={"job": "abc", "guild": 7, "member": 8})
    assert "studio.jobs.service      done [job abc, server 7, member 8]\n" in logged()
    log.info("job abc is done", extra={"job": "abc", "guild": None})
    assert logged().endswith("job abc is done\n")


@pytest.mark.parametrize("form", FORMS)
async def test_whatever_is_logged_while_a_job_is_worked_on_names_it(configure, form):
    logged = configure(form=form)

    async def work() -> None:
        logging.getLogger("infra.images.spool").warning("it broke")

    await asyncio.create_task(work(), context=log_context(replace(a_job(), id="a")))
    line = logged()
    if form == "text":
        assert line.endswith("it broke [job a, server 2, member 4]\n")
    else:
        entry = json.loads(line)
        assert (entry["job"], entry["guild"], entry["member"]) == ("a", 2, 4)
    log.warning("something else")
    assert "member" not in logged()


def test_a_jobs_end_is_one_line_of_text_with_its_figures_and_without_its_prompt(configure):
    logged = configure()
    log_end(ended_job())
    assert re.sub(r"^.{20}", "", logged()) == (
        "INFO     studio.jobs.job_log      job a done: member 4, server 2, doubao-seedream-5.0-lite, 1 of 1 pictures, "
        "2 credits, 12.5 s, by stream\n"
    )


def test_a_jobs_end_has_the_same_figures_as_fields_of_json(configure):
    logged = configure(form="json")
    log_end(ended_job())
    entry = json.loads(logged())
    assert {name: entry[name] for name in entry.keys() - {"time", "level", "logger", "message"}} == {
        "job": "a", "guild": 2, "member": 4, "state": "done", "model": "doubao-seedream-5.0-lite", "images": 1,
        "credits": 2, "seconds": 12.5, "path": "stream",
    }  # fmt: skip


def test_a_failures_reason_is_named(configure):
    logged = configure()
    failure = Failure(reason=Reason.CONTENT_REFUSED, detail="the words are a secret")
    log_end(replace(ended_job(), state=JobState.FAILED, images=(), failure=failure, spent=0))
    line = logged()
    assert "job a failed (content_refused): member 4, server 2" in line
    assert "secret" not in line


def test_a_short_secret_does_not_mask_the_alphabet(configure):
    logged = configure(secrets=("a", "key", KEY))
    log.info("a keyboard %s", KEY)
    assert logged().endswith("a keyboard [redacted]\n")


@pytest.mark.parametrize("form", FORMS)
def test_an_exception_comes_with_its_traceback(configure, form):
    logged = configure(form=form)
    try:
        fail("it broke")
    except RuntimeError:
        log.exception("job failed")
    text = logged()
    assert "Traceback (most recent call last)" in text
    assert "RuntimeError: it broke" in text
    if form == "json":
        assert json.loads(text)["exception"].startswith("Traceback")


def test_nobody_can_begin_a_line_of_ours(configure):
    logged = configure()
    log.info("prompt: %s", "a fox\n2026-01-01 00:00:00 ERROR    root  forged\r\rthe end")
    _, *others = logged().splitlines()
    assert others
    assert all(line.startswith("    ") for line in others)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"the token is {TOKEN}.", TOKEN),
        (f"https://api.example/?key={KEY}&a=b", KEY),
        ("{'Authorization': 'Bot abcdef.123456'}", "abcdef.123456"),
        ("authorization: Bearer sk-0123456789", "sk-0123456789"),
        ("Authorization: Basic dTpw", "dTpw"),
        ("Proxy-Authorization: Basic Ym90OnNlc2FtZQ==", "Ym90OnNlc2FtZQ"),
        ("{'Proxy-Authorization': 'Basic Ym90OnNlc2FtZQ=='}", "Ym90OnNlc2FtZQ"),
        ("[(b'proxy-authorization', b'Basic Ym90OnNlc2FtZQ==')]", "Ym90OnNlc2FtZQ"),
        ("PATCH /api/v10/webhooks/123/dead-beef_token123/messages/@original", "dead-beef_token123"),
        ("https://discord.com/api/webhooks/123/abcdefgh1234?wait=true", "abcdefgh1234"),
        ("POST /interactions/123/abcdefgh1234/callback", "abcdefgh1234"),
        (
            "https://bot.example/callbacks/hYc3_-Zq0aB1/Z4QiUz04bgfH14BzhkuYbSci6zl4ik_7RV1-Ama_eHc",
            "Z4QiUz04bgfH14BzhkuYb",
        ),
        ("event {'id': '1', 'token': 'unguessable', 'type': 2}", "unguessable"),
        ('{"token":"unguessable","type":2}', "unguessable"),
        (f"INSERT ('abc', '{INTERACTION}')", INTERACTION),
        ("another bot's: MTk4NjIyNDgzNDcxOTI1MjQ5.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWz", "ZnCjm1XVW7vRze4b7Cq4se7kKWz"),
    ],
)
def test_secrets_are_taken_out_wherever_they_stand(configure, form, text, secret):
    logged = configure("DEBUG", form)
    log.info(text)
    log.info("%s and %r", text, {"given": text})
    log.info("stack", stack_info=True, extra={"job": "abc"})
    try:
        try:
            fail(text)
        except RuntimeError as error:
            raise ValueError(text) from error
    except ValueError:
        log.exception("failed: %s", text)
    told = logged()
    assert secret not in told
    assert told.count("[redacted]") >= 6


@pytest.mark.parametrize("form", FORMS)
def test_what_is_no_secret_stays(configure, form):
    logged = configure(form=form)
    words = "Bot is ready; a bearer of news; /webhooks/123; tokens: 5; token=; the bot paints /interactions/1/x"
    log.info(words)
    assert words in logged()


@given(secret=st.text(min_size=8, max_size=40), around=st.text(max_size=20))
def test_any_known_secret_is_taken_out(secret, around):
    record = logging.LogRecord("a", logging.INFO, __file__, 1, "%s", (f"{around}{secret}{around}",), None)
    bare = logging.LogRecord("a", logging.INFO, __file__, 1, "%s", (around * 2,), None)
    formatter = JsonFormatter([secret])
    message = json.loads(formatter.format(record))["message"]
    assert "[redacted]" in message
    assert secret not in message.replace("[redacted]", "") or secret in json.loads(formatter.format(bare))["message"]


def test_the_longer_of_two_secrets_goes_first():
    record = logging.LogRecord("a", logging.INFO, __file__, 1, "sesame-street", (), None)
    assert TextFormatter(["sesame", "sesame-street"]).format(record).endswith(" [redacted]")


def test_an_empty_secret_redacts_nothing(configure):
    logged = configure(secrets=["", KEY])
    log.info("plain")
    assert "[redacted]" not in logged()


@pytest.mark.parametrize("name", ["discord.gateway", "alembic.runtime", "asyncio", "PIL.Image"])
def test_libraries_are_quiet_unless_all_is_to_be_seen(configure, name):
    logged = configure("INFO")
    logging.getLogger(name).info("chatter")
    logging.getLogger(name).warning("trouble")
    assert "chatter" not in (told := logged())
    assert "trouble" in told
    logged = configure("DEBUG")
    logging.getLogger(name).debug("chatter")
    assert "chatter" in logged()


def test_rows_of_the_database_are_never_logged(configure):
    logged = configure("DEBUG")
    logging.getLogger("aiosqlite").debug("executing INSERT ('a fox in snow')")
    assert "fox" not in logged()


def test_what_is_below_the_level_is_not_logged(configure):
    logged = configure("WARNING")
    log.info("nothing")
    assert logged() == ""


def test_warnings_are_logged_like_the_rest(configure):
    logged = configure()
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn(f"do not use {KEY}", stacklevel=1)
    assert "do not use [redacted]" in logged()


def test_configuring_twice_logs_once(configure):
    configure()
    logged = configure()
    log.info("once")
    assert logged().count("once") == 1


def test_lines_go_to_stderr_only(configure, capsys):
    configure()
    log.info("done")
    out, err = capsys.readouterr()
    assert "done" in err
    assert out == ""


@pytest.mark.parametrize("form", FORMS)
def test_what_a_library_says_is_one_short_line_without_its_page(configure, form):
    logged = configure(form=form)
    log.warning("it failed: %s", ValueError("no\n<!DOCTYPE html>\n<html><title>Busy</title>" + "x" * 9999))
    log.warning("it failed: %s", aiohttp.ServerDisconnectedError())
    page, cut = logged().splitlines()
    assert "it failed: no a web page “Busy”" in page
    assert "html" not in page
    assert "the connection was cut before an answer came" in cut


@pytest.mark.parametrize("form", FORMS)
def test_a_database_that_is_away_is_one_line_whoever_notices(configure, form):
    logged = configure(form=form)
    error = UnavailableError('password authentication failed for user "bot"')
    log.error("the waiting results of member %d could not be read", 7, exc_info=error)
    (line,) = logged().splitlines()
    assert "could not be read: the database is unavailable: password authentication failed" in line


@pytest.mark.parametrize("form", FORMS)
def test_a_trouble_of_the_network_that_discord_py_logs_has_no_traceback_and_a_bug_has(configure, form):
    logged = configure(form=form)
    for error in (aiohttp.ServerDisconnectedError(), RuntimeError("a bug")):
        logging.getLogger("discord.shard").error("Attempting a reconnect", exc_info=error)
    lines = logged()
    assert lines.count("RuntimeError: a bug") == 1
    assert "ServerDisconnectedError" not in lines
    assert "Attempting a reconnect: the connection was cut" in lines
