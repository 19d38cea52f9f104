"""`bot.py --check --spend`: the live test, against the local service in its profiles and dialects."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import sys

import pytest

from check.expectations import FINISHED, PICTURES, POSTED, RECORDS, SHORT_NAME, TRACE, UNKNOWN_MODEL, WATERMARK
from check.live import LiveTest
from check.plan import plan_for
from check.tasks import WaitLimits
from infra.config.loading import load_settings
from infra.db.engine import open_engine, sole_user
from infra.db.shared_state import SqlSharedState
from seedream import MODELS
from seedream.providers import PROVIDERS
from seedream.wire_ids import KnownIds, WireIds
from studio.jobs.api_memory import ApiMemory
from studio.jobs.states import Path
from tests.check.conftest import Checked
from tests.e2e.test_program import ROOT

LITE, LITE_ID = "doubao-seedream-5.0-lite", "doubao-seedream-5-0-lite-260128"
OTHERS = [
    "doubao-seedream-4-5-251128",
    "doubao-seedream-4-0-250828",
    "doubao-seedream-5-0-pro-260628",
    "doubao-seedream-5-0-flash-260915",
]


async def remembered(place, provider="xhuoapi"):
    """What the bot's database knows of the service."""
    engine = open_engine(place.environment["DATABASE_URL"])
    try:
        ids = WireIds(PROVIDERS[provider])
        memory = ApiMemory(SqlSharedState(engine), ids, lambda: 0.0, address=place.seedream.url)
        await memory.refresh()
        return memory.profile
    finally:
        await engine.dispose()


async def test_every_model_once_and_the_first_by_every_way_and_all_is_as_expected(place):
    place.is_reachable()
    found = await place.run("--spend", "--yes")
    assert found.code == 0
    assert {name: state for name, state in found.states.items() if state != "ok"} == {
        "message content": "note",
        TRACE: "note",
        WATERMARK: "-",
        "what the bot relies on": "ok?",
    }
    assert await place.asked() == [
        (LITE_ID, "plain"),
        (LITE_ID, "stream"),
        (LITE_ID, "async"),
        (LITE_ID, "callback"),
        *((one, "plain") for one in OTHERS),
    ]
    assert (await place.books())["totals"]["billed"] == 9
    assert found.output.count("at most 9 pictures") == 1
    assert "Spent: 9 pictures, 9 credits" in found.output
    assert place.seedream.key not in found.output


async def test_what_was_learned_is_there_for_the_bot_and_for_the_next_check(place):
    place.is_reachable()
    await place.spend()
    profile = await remembered(place)
    assert {path: seen.works for path, seen in profile.paths.items()} == dict.fromkeys(Path, True)
    assert profile.ids.accepted[LITE].wire_id == LITE_ID
    assert set(profile.runs) == {name for name, model in MODELS.items() if not model.withdrawn}
    assert profile.ids.complete
    row = (await place.check()).rows["models"]
    assert f"accepted: {LITE_ID} (just now)" in row.detail
    assert row.detail.endswith("refused: SeeDream 3.0 t2i, SeedEdit 3.0 i2i")


async def test_as_in_the_guide_ids_are_tried_one_by_one_and_a_refused_model_is_a_finding(place):
    await place.set_api(profile="guide")
    place.settings["SEEDREAM_PROVIDER"] = "acedata"
    found = await place.spend()
    assert found.code == 0
    assert found.rows[UNKNOWN_MODEL].state == "note"
    assert found.rows[FINISHED].state == "note"
    assert found.rows["SeeDream 5.0 flash makes pictures"].state == "note"
    assert (await remembered(place, "acedata")).paths[Path.POLL].works


async def test_on_bytedances_hosts_there_is_no_word_of_tasks_and_callbacks(place):
    await place.set_api(dialect="ark")
    place.is_reachable()
    place.settings["SEEDREAM_PROVIDER"] = "ark"
    found = await place.run("--spend", "--yes")
    assert found.code == 0
    assert not {RECORDS, POSTED, TRACE} & found.rows.keys()
    assert [mode for _, mode in await place.asked()] == ["plain", "stream", "plain", "plain", "plain", "plain"]
    assert (place.samples / "stream.sse").is_file()


async def test_byteplus_ids_without_their_prefix(place):
    await place.set_api(dialect="ark", accepted_ids="modelark")
    place.settings["SEEDREAM_PROVIDER"] = "modelark"
    found = await place.spend()
    assert (found.code, found.rows[PICTURES].state) == (0, "ok")
    assert (await remembered(place, "modelark")).ids.accepted[LITE].wire_id == "seedream-5-0-lite-260128"


async def test_a_short_name_that_is_taken_makes_the_first_picture_and_none_more(place):
    await place.set_api(accepted_ids="both")
    found = await place.spend()
    assert (found.code, found.rows[SHORT_NAME].state) == (0, "note")
    assert (await place.asked())[:2] == [(LITE, "plain"), (LITE_ID, "stream")]
    assert (await place.books())["totals"]["billed"] == 8


async def test_a_used_up_balance_ends_the_test_at_once_and_names_the_console(place):
    await place.api_fault("error", code="used_up", times=None)
    found = await place.spend()
    assert found.code == 1
    assert "Top it up at https://platform.xhuoapi.ai" in found.rows["The service can be used"].detail
    assert found.rows[PICTURES].state == "failed"
    assert "Spent: 0 pictures" in found.output


async def test_when_the_free_check_fails_nothing_is_spent(place):
    place.settings["SEEDREAM_API_KEY"] = "made-up-key"
    found = await place.spend()
    assert found.code == 1
    assert "Nothing was spent. Fix what failed first." in found.output
    assert await place.asked() == []


async def test_without_a_terminal_it_has_to_be_told_to_go_on(place):
    found = await place.run("--spend")
    assert found.code == 2
    assert "Add --yes" in found.output
    assert (await place.books())["totals"] == {"requests": 0, "images": 0, "billed": 0, "lookups": 1}


async def at_a_terminal(place, *arguments):
    """The process, with a terminal before it, and the terminal's other end."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "bot.py"),
        "--check",
        "--spend",
        *arguments,
        cwd=place.folder,
        env=os.environ | place.environment,
        stdin=theirs,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    os.close(theirs)
    return process, ours


@pytest.mark.parametrize(("answer", "billed"), [(b"n\n", 0), (b"\n", 0), (b"y\n", 8)])
async def test_on_a_terminal_it_asks_and_only_a_yes_spends(place, answer, billed):
    process, terminal = await at_a_terminal(place)
    os.write(terminal, answer)
    output = (await process.communicate())[0].decode()
    os.close(terminal)
    assert "Continue? [y/N]" in output
    assert process.returncode == (0 if billed else 1), output
    assert (await place.books())["totals"]["billed"] == billed


async def test_ctrl_c_at_the_question_spends_nothing(place):
    process, terminal = await at_a_terminal(place)
    await process.stdout.readuntil(b"Continue?")
    process.send_signal(signal.SIGINT)
    output = (await process.communicate())[0].decode()
    os.close(terminal)
    assert process.returncode == 130
    assert "Nothing was spent." in output
    assert "Traceback" not in output
    assert (await place.books())["requests"] == []


async def test_ctrl_c_while_a_picture_is_made_tells_what_may_be_billed_and_leaves_whole_samples(place):
    await place.set_api(delay=30)
    process, terminal = await at_a_terminal(place, "--yes")
    await process.stdout.readuntil(b"in one plain request ...")
    while len((await place.books())["requests"]) < 3:  # an unknown model, a short name, the picture
        pass
    process.send_signal(signal.SIGINT)
    output = (await process.communicate())[0].decode()
    os.close(terminal)
    assert process.returncode == 130
    assert "Traceback" not in output
    assert "Spent: 0 pictures" in output
    assert "Up to 1 more picture may be billed" in output
    names = {file.name for file in place.samples.iterdir()}
    assert {"index.json", "table.txt", "error_unknown_model.json"} <= names
    assert [one.name for one in place.samples.parent.iterdir()] == [place.samples.name]


async def test_samples_are_never_overwritten(place):
    for _ in range(2):
        await place.spend("--out", "kept")
    assert sorted(one.name for one in place.folder.iterdir() if one.is_dir()) == ["kept", "kept-2", "spool"]
    assert {one.name for one in (place.folder / "kept").iterdir()} == {
        one.name for one in (place.folder / "kept-2").iterdir()
    }


async def test_a_bot_that_has_the_file_is_left_alone_and_that_is_said_before_the_question(place):
    with sole_user(place.folder / "bot.db"):
        found = await place.spend()
    assert found.code == 0
    assert found.output.index("A bot is using") < found.output.index("Requesting an unknown model ...")
    assert found.rows["What was learned is stored for the bot"].state == "note"
    assert (await remembered(place)).paths == {}


def another_bot(_, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nServer: seedream\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")
    writer.close()


async def test_a_port_that_another_has_leaves_callbacks_untried(place):
    place.is_reachable()
    server = await asyncio.start_server(another_bot, "127.0.0.1", int(place.settings["WEB_PORT"]))
    async with server:
        found = await place.spend()
    assert found.code == 0
    assert "Stop the bot that uses it" in found.rows["Callbacks can be tested"].detail
    assert "callback" not in dict(await place.asked()).values()


async def test_a_stream_that_breaks_is_no_failure_as_long_as_another_way_works(place):
    await place.api_fault("stream_cut", after=1)
    found = await place.spend()
    assert (found.code, found.rows["Streaming works"].state) == (0, "note")
    assert "Up to 2 more pictures may be billed" in found.output
    assert Path.STREAM not in (await remembered(place)).paths


async def test_a_picture_that_is_refused_fails_its_model_and_the_rest_goes_on(place):
    await place.api_fault("item_refused")
    found = await place.spend()
    assert (found.code, found.failed()) == (1, ["SeeDream 5.0 lite makes pictures"])
    assert len(await place.asked()) == 6


async def test_a_page_in_place_of_a_picture_is_called_so(place):
    await place.api_fault("error", body="html", status=524)
    found = await place.spend()
    assert (
        "a web page came in place of the API's answer (HTTP 524)"
        in found.rows["SeeDream 5.0 lite makes pictures"].detail
    )


async def live(place, **wait_limits):
    """The live test, whose waiting is short."""
    said = []
    settings = load_settings(None, place.environment)
    plan = plan_for(settings.provider, KnownIds(), settings.ceilings.prices, reachable=bool(settings.public_url))
    test = LiveTest(settings, plan, place.folder / "samples", said.append, WaitLimits(**wait_limits))
    passed = await test.run(None)
    return Checked(0 if passed else 1, "\n".join(said))


@pytest.mark.parametrize("unknown", ["not_found", "empty"])
async def test_tasks_that_are_not_kept_are_found_out_and_remembered(place, unknown):
    await place.set_api(task_records="callback_only", unknown_task=unknown)
    found = await live(place, record=0.1, task=0.1)
    assert (found.code, found.rows[RECORDS].state) == (0, "note")
    assert not (await remembered(place)).paths[Path.POLL].works
    assert "Up to 1 more picture may be billed" in found.output


async def test_a_callback_that_never_comes_is_found_out_and_remembered(place):
    place.is_reachable()
    await place.api_fault("callback_lost")
    found = await live(place, callback=0.1)
    assert (found.code, found.rows[POSTED].state) == (0, "note")
    assert "/callbacks/" in found.rows[POSTED].detail
    assert not (await remembered(place)).paths[Path.CALLBACK].works


@pytest.mark.parametrize("kind", ["error", "stream_error", "item_refused"])
async def test_a_service_that_repeats_the_key_shows_it_nowhere(place, kind):
    await place.api_fault(kind, code="bad_request", message=f"Bearer {place.seedream.key} may not do this", times=None)
    found = await place.run("--spend", "--yes")
    assert "may not do this" in found.output
    assert place.seedream.key not in found.output
    assert not [file.name for file in place.samples.iterdir() if place.seedream.key in file.read_text()]


async def test_on_postgresql_it_is_remembered_whoever_else_uses_it(place, postgresql):
    async with postgresql.new_database() as url:
        place.settings["DATABASE_URL"] = url
        assert (await place.spend()).code == 0
        assert (await remembered(place)).ids.accepted[LITE].wire_id == LITE_ID


async def test_dead_links_fail_the_check(place):
    await place.api_fault("dead_link", times=None)
    found = await place.spend()
    assert found.code == 1
    assert [name for name in found.failed() if name.startswith("Links download")]
