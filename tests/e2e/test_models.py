"""Models that come and go, as members and the operator see it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from infra.db.tables import CHARGES
from tests.e2e.conftest import a_world
from tests.support.pictures import jpeg
from tests.support.settings import Screen

LITE, V45, V40, T2I, I2I, PRO, FLASH = (
    f"doubao-{name}"
    for name in (
        "seedream-5.0-lite",
        "seedream-4.5",
        "seedream-4.0",
        "seedream-3.0-t2i",
        "seededit-3.0-i2i",
        "seedream-5.0-pro",
        "seedream-5.0-flash",
    )
)
OFFERED = [LITE, V45, V40, PRO, FLASH]
ACME = """
[models."acme-paint-1"]
like = "doubao-seedream-4.5"
label = "Acme Paint"
wire_ids = ["acme-paint-1-270101"]
price = 3
"""


async def options(world):
    """The names of /imagine's options, as they are registered."""
    commands = await world.get("/control/commands", user="ada", channel="general")
    [imagine] = [one for one in commands if one["name"] == "imagine"]
    return {one["name"]: one["description"] for one in imagine["options"]}


async def ids_asked(world):
    return [one["model"] for one in await world.requests()]


async def learn_that_3_0_is_gone(world):
    return await (await world.ada.imagine(prompt="a red fox", model=T2I, seed=7)).ended()


async def test_a_model_that_the_service_refuses_is_offered_to_nobody_any_more(world):
    assert await world.ada.autocomplete("imagine", focused="model", model="") == [LITE, V45, V40, PRO, FLASH, T2I, I2I]
    told = await learn_that_3_0_is_gone(world)
    assert not told.pictures
    assert "SeeDream 3.0 t2i" in told.text
    assert "Nothing was charged" in told.text
    for command, offered in (("imagine", OFFERED), ("edit", OFFERED), ("blend", OFFERED)):
        assert await world.ada.autocomplete(command, focused="model", model="") == offered
    assert await world.ada.autocomplete("imagine", focused="model", model="5.0") == [LITE, PRO, FLASH]
    assert len(await world.requests()) == 1


async def test_only_what_the_server_allows_is_offered_there(world):
    await (await Screen.opened(world.dan)).sets("models", V45, T2I)
    for _ in range(2):
        assert T2I in await world.ada.autocomplete("imagine", focused="model", model="")
        assert await world.ada.autocomplete("edit", focused="model", model="") == [V45]
        assert LITE in await world.ada_in_dm.autocomplete("imagine", focused="model", model="")
    await learn_that_3_0_is_gone(world)
    assert await world.ada.autocomplete("imagine", focused="model", model="") == [V45]


async def test_a_few_more_pictures_than_were_asked_for_are_shown_and_are_free(world):
    await world.api_fault("more", images=4)
    asked = await world.ada.imagine(prompt="foxes", model=V40, size="1K", images=2)
    result = await asked.result(pictures=4)
    assert "The service made 2 extra pictures, which are free" in result.text
    assert [(row.images, row.price) for row in await world.read(select(CHARGES))] == [(2, 1)]


async def test_every_model_that_is_offered_works(world):
    for model in OFFERED:
        await world.ada.imagine_to_end(prompt="a red fox", model=model)
    asked = await ids_asked(world)
    assert len(asked) == len(OFFERED)


async def test_seed_and_guidance_are_there_only_while_a_model_takes_them(world):
    before = await options(world)
    assert before["seed"].endswith("(SeeDream 3.0 t2i only)")
    assert before["guidance"].endswith("(SeeDream 3.0 t2i or SeedEdit 3.0 i2i only)")
    await learn_that_3_0_is_gone(world)
    await world.until(lambda: options(world), lambda now: before.keys() - now.keys() == {"seed", "guidance"})


async def test_an_old_button_of_a_model_that_is_gone_names_the_nearest_and_one_press_makes_it(world):
    told = await learn_that_3_0_is_gone(world)
    again = await (await world.ada.pressed(told, "Retry")).answer()
    assert again.ephemeral
    assert "SeeDream 3.0 t2i is no longer available" in again.text
    assert "closest available model is SeeDream 4.0" in again.text
    result = await (await world.ada.pressed(again, "Use SeeDream 4.0")).result(pictures=1)
    assert "SeeDream 4.0" in result.text
    assert [row.images for row in await world.read(select(CHARGES).order_by(CHARGES.c.at))] == [0, 1]


async def test_a_default_that_is_gone_is_passed_over(world):
    await learn_that_3_0_is_gone(world)
    world.settings["DEFAULT_MODEL"] = T2I
    await world.stop_bot()
    await world.start_bot()
    files = {"image": ("fox.jpg", jpeg(640, 480))}
    edited = await (await world.ada.run("edit", prompt="make it night", files=files)).result(pictures=1)
    painted = await world.ada.imagine_to_end(prompt="a red fox")
    assert all("SeeDream 5.0 lite" in result.text for result in (edited, painted))


async def test_what_was_learned_is_known_after_a_restart(world):
    await learn_that_3_0_is_gone(world)
    await world.stop_bot()
    await world.start_bot()
    assert await world.ada.autocomplete("imagine", focused="model", model="") == OFFERED
    assert "seed" not in await options(world)


async def test_an_id_that_is_refused_is_asked_for_once_and_the_one_from_the_list_taken(world):
    await world.set_api(extra_models=[{"id": "doubao-seedream-4-5-261001", "like": V45}], withdrawn=[V45])
    for _ in range(2):
        await world.ada.imagine_to_end(prompt="a red fox", model=V45)
    old, new = "doubao-seedream-4-5-251128", "doubao-seedream-4-5-261001"
    assert await ids_asked(world) == [old, new, new]


async def test_a_model_that_comes_back_is_offered_again_a_day_later(world):
    await learn_that_3_0_is_gone(world)
    await world.set_api(withdrawn=[])
    await world.age_what_is_known_of_the_service()
    await world.stop_bot()
    await world.start_bot()
    await world.ada.imagine_to_end(prompt="a red fox", model=T2I)


async def test_an_operator_adds_a_model_by_a_file(tmp_path):
    path = tmp_path / "models.toml"
    path.write_text(ACME)
    api = {"extra_models": [{"id": "acme-paint-1-270101", "like": V45}]}
    async with a_world(tmp_path, api=api, MODELS_FILE=str(path)) as world:
        assert await world.ada.autocomplete("imagine", focused="model", model="acme") == ["acme-paint-1"]
        result = await world.ada.imagine_to_end(prompt="a red fox", model="acme-paint-1", ratio="16:9", images=2)
        assert "Acme Paint" in result.text
        assert await result.sizes() == [(2848, 1600)] * 2
        assert await ids_asked(world) == ["acme-paint-1-270101"]
        assert [(row.images, row.price) for row in await world.read(select(CHARGES))] == [(2, 3)]
        # The file is gone, and with it the model: what was made stays, and can be made by another.
        del world.settings["MODELS_FILE"]
        await world.stop_bot()
        await world.start_bot()
        again = await (await world.ada.pressed(result, "Reroll")).answer()
        assert "acme-paint-1 is no longer available" in again.text
        assert "Use " in " ".join(again.labels)


async def test_a_service_that_takes_no_model_at_all_is_told_in_words(world):
    await world.api_fault(
        "error", status=400, code="bad_request", message="model must be one of gpt-image-9", times=None
    )
    told = await (await world.ada.imagine(prompt="a red fox")).ended()
    assert "Nothing was charged" in told.text
    again = await (await world.ada.imagine(prompt="a red fox")).answer()
    assert again.ephemeral
    assert "SeeDream 5.0 lite is no longer available" in again.text
    assert len(await world.requests()) == 1


@pytest.mark.parametrize("provider", ["ark", "modelark"])
async def test_bytedances_own_hosts_work(tmp_path, provider):
    policy = "modelark" if provider == "modelark" else "dated"
    api = {"dialect": "ark", "accepted_ids": policy}
    async with a_world(tmp_path, api=api, SEEDREAM_PROVIDER=provider) as world:
        await world.ada.imagine_to_end(prompt="a red fox")
        result = await world.ada.imagine_to_end(prompt="a red fox", images=3)
        assert len(result.pictures) == 3
        await world.ada.imagine_to_end(prompt="a red fox", model=PRO)
        assert [one["mode"] for one in await world.requests()] == ["stream", "stream", "plain"]
