"""The local SeeDream is like the service of October 2026, or like the guide; each setting can be changed by itself."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import fields
from pathlib import Path

import aiohttp
import pytest

import sandbox.seedream
from sandbox.seedream import LocalSeeDream
from sandbox.seedream.errors import LocalApiError
from sandbox.seedream.faults import KINDS
from sandbox.seedream.settings import ServiceSettings
from tests.sandbox.seedream_client import EDIT, FLASH, LITE, PRO, T2I, V4, Client, data_url, group, local_client

README = (Path(sandbox.seedream.__file__).parent / "README.md").read_text()
OLD_LITE = "doubao-seedream-5-0-260128"
V45 = "doubao-seedream-4-5-251128"
TAKEN = [PRO, LITE, V45, V4, FLASH]
NULLS = dict.fromkeys(("bounding_box", "description", "name", "output_format", "z_index"))


@pytest.fixture
async def client():
    async with local_client() as client:
        yield client


@pytest.fixture
async def guide():
    async with local_client(profile="guide") as client:
        yield client


async def taken(client, *models: str) -> list[str]:
    """Those of the models that the service takes, when all that is asked is allowed everywhere."""
    answers = {model: await client.ask(model, size="2048x2048", image=data_url()) for model in models}
    return [model for model, answer in answers.items() if answer.status == 200]


async def test_october_accepts_current_ids_and_lists_them_for_an_unknown_one(client):
    assert await taken(client, *TAKEN, OLD_LITE, "doubao-seedream-4.0", T2I, EDIT) == TAKEN
    answer = await client.ask(T2I)
    assert (answer.status, answer.code, answer.message) == (
        400,
        "bad_request",
        f"model must be one of {', '.join(TAKEN)}",
    )


async def test_the_guide_accepts_every_dated_id_of_its_time_and_lists_none(guide):
    assert await taken(guide, *TAKEN, OLD_LITE) == [PRO, LITE, V45, V4, OLD_LITE]
    assert (await guide.ask(T2I)).status == 200
    assert (await guide.ask(EDIT, image=data_url(), size="adaptive")).status == 200
    assert (await guide.ask(FLASH)).message == "model is invalid."


@pytest.mark.parametrize(
    ("policy", "wire_ids"),
    [
        ("current", [LITE, V4]),
        ("dated", [LITE, OLD_LITE, V4]),
        ("short", ["doubao-seedream-5.0-lite", "doubao-seedream-4.0"]),
        ("both", [LITE, OLD_LITE, V4, "doubao-seedream-5.0-lite", "doubao-seedream-4.0"]),
        ("modelark", ["seedream-5-0-lite-260128", "seedream-5-0-260128", "seedream-4-0-250828"]),
    ],
)
async def test_only_one_kind_of_ids_is_accepted(client, policy, wire_ids):
    await client.settings(accepted_ids=policy)
    lite = [LITE, OLD_LITE, "doubao-seedream-5.0-lite", "seedream-5-0-lite-260128", "seedream-5-0-260128"]
    known = [*lite, V4, "doubao-seedream-4.0", "seedream-4-0-250828"]
    assert set(await taken(client, *known)) == set(wire_ids)


async def test_a_model_can_be_withdrawn_while_the_service_runs(client):
    assert (await client.ask(V4)).status == 200
    await client.settings(withdrawn=["doubao-seedream-4.0"])
    answer = await client.ask(V4)
    assert (answer.status, V4 in answer.message, T2I in answer.message) == (400, False, True)
    await client.settings(withdrawn=[])
    assert (await client.ask(V4)).status == 200


async def test_an_invented_model_behaves_like_an_existing_one(client):
    await client.settings(extra_models=[{"id": "dreamy-6", "like": "doubao-seedream-5.0-pro"}])
    assert (await client.ask("dreamy-6", size="1.5K")).json["data"][0]["size"] == "1536x1536"
    assert (
        await client.ask("dreamy-6", size="4K")
    ).message == "size is '4K': dreamy-6 takes 1K, 1.5K, 2K, WIDTHxHEIGHT."
    assert "dreamy-6" in (await client.ask("nobody")).message
    assert (await client.entry())["model"] == "nobody"


async def test_a_profile_changes_only_its_own_settings(client):
    now = (await client.settings(profile="guide", null_fields=True, delay=0.01)).json
    kept = {"profile": "guide", "dialect": "acedata", "delay": 0.01, "image_interval": 0}
    assert {name: now[name] for name in kept} == kept
    assert (now["accepted_ids"], now["unknown_model"], now["null_fields"]) == ("dated", "invalid", True)
    back = (await client.settings(profile="october-2026")).json
    assert (back["accepted_ids"], back["unknown_model"], back["delay"]) == ("current", "listed", 0.01)


async def test_every_setting_can_be_set_at_the_start():
    given = {"profile": "guide", "null_fields": True, "dialect": "ark", "layers": 5}
    async with local_client(**given) as client:
        now = (await client.call("GET", "/control/settings")).json
    assert {name: now[name] for name in (*given, "unknown_model")} == given | {"unknown_model": "not_found"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"profile": "guides"},
        {"dialect": "openai"},
        {"accepted_ids": "none"},
        {"withdrawn": "doubao-seedream-4.0"},
        {"withdrawn": ["nobody"]},
        {"withdrawn": [["doubao-seedream-4.0"]]},
        {"extra_models": [{"id": "a"}]},
        {"extra_models": [{"id": 7, "like": "doubao-seedream-4.0"}]},
        {"extra_models": [{"id": "a", "like": "nobody"}]},
        {"extra_models": {"id": "a", "like": "doubao-seedream-4.0"}},
        {"layers": 0},
        {"layers": 18},
        {"layers": True},
        {"null_fields": "yes"},
        {"lookups_per_second": -1},
        {"lookups_per_second": float("inf")},
        {"delay": float("nan")},
        {"task_answer": "none"},
        {"task_records": True},
    ],
)
async def test_an_invalid_setting_is_named_and_changes_nothing(client, wrong):
    before = (await client.call("GET", "/control/settings")).json
    answer = await client.settings(**wrong)
    assert (answer.status, next(iter(wrong)) in answer.message) == (400, True)
    assert (await client.call("GET", "/control/settings")).json == before
    with pytest.raises(LocalApiError):
        LocalSeeDream(**wrong)


async def test_items_have_null_fields_except_in_the_guide(client, guide):
    assert set((await guide.ask()).json["data"][0]) == {"prompt", "size", "image_url"}
    item = (await client.ask()).json["data"][0]
    assert item == NULLS | {"prompt": "a red fox in snow", "size": "1024x1024", "image_url": item["image_url"]}
    assert (await client.ask(PRO, size="1K", output_format="png")).json["data"][0]["output_format"] == "png"


async def test_an_error_has_no_success_field_but_a_failed_task_does(client, guide):
    assert set((await client.ask(size="9K")).json) == {"error", "trace_id"}
    assert set((await guide.ask(size="9K")).json) == {"success", "error", "trace_id"}
    await client.fault("item_refused")
    response = await client.ended((await client.ask(**{"async": True})).json["task_id"])
    assert response["success"] is False


@pytest.mark.parametrize("model", [PRO, FLASH])
@pytest.mark.parametrize(("ratio", "size"), [("16:9", "2048x1152"), ("2:3", "1248x1872"), ("21:9", "2352x1008")])
async def test_1_5k_follows_the_ratio_in_the_prompt(client, model, ratio, size):
    assert (await client.ask(model, size="1.5K", prompt=f"a fox, {ratio}")).json["data"][0]["size"] == size


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (group(2), "sequential_image_generation"),
        ({"stream": True}, "stream"),
        ({"optimize_prompt_options": {"mode": "standard"}}, "optimize_prompt_options"),
        ({"image": [data_url()] * 11}, "image"),
        ({"size": "3K"}, "size"),
        ({"size": "adaptive"}, "size"),
        ({"size": "auto"}, "size"),
        ({"tools": [{"type": "web_search"}]}, "tools"),
    ],
)
async def test_flash_refuses_undocumented_parameters(client, asked, named):
    answer = await client.ask(FLASH, **asked)
    assert (answer.status, answer.message.startswith(named)) == (400, True)


@pytest.mark.parametrize("name", [*(field.name for field in fields(ServiceSettings)), *KINDS])
def test_the_readme_names_every_setting_and_every_fault(name):
    assert f"`{name}`" in README


async def test_settings_that_were_read_can_be_written_back(client):
    await client.settings(profile="guide", extra_models=[{"id": "dreamy-6", "like": "doubao-seedream-4.0"}], layers=9)
    now = (await client.call("GET", "/control/settings")).json
    assert (await client.settings(**now)).json == now


async def test_the_paths_also_exist_under_v1(client):
    body = {"model": V4, "prompt": "a fox", "size": "1K", "async": True}
    task_id = (await client.call("POST", "/v1/seedream/images", body)).json["task_id"]
    assert (await client.call("POST", "/v1/seedream/tasks", {"id": task_id})).json["id"] == task_id


async def test_the_command_accepts_a_profile_and_a_dialect():
    options = ("--port", "0", "--delay", "0", "--profile", "guide", "--dialect", "ark", "--accepted-ids", "modelark")
    command = (sys.executable, "-m", "sandbox.seedream", *options)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    first = json.loads(await process.stdout.readline())
    async with aiohttp.ClientSession() as session:
        client = Client(session, first["seedream"], first["key"])
        assert (await client.ask_ark("seedream-4-0-250828")).status == 200
        assert (await client.call("GET", "/control/settings")).json["profile"] == "guide"
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 5) == 0
