"""A price that depends on the size: shown before it is paid, charged, refused by a limit, and shown afterwards."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import a_world
from tests.e2e.test_quota import administration, charged, quota, refusal

FOX = "a red fox in snow"
LITE, PRO = "doubao-seedream-5.0-lite", "doubao-seedream-5.0-pro"
PRICES = "lite>4194304=2, pro=3, pro:reference=1"


@pytest.fixture
async def dear_world(tmp_path):
    async with a_world(tmp_path, MODEL_PRICES=PRICES) as world:
        yield world


async def offered(member, **options):
    """How many pictures /imagine offers, as it is read."""
    return [one["name"] for one in await member.choices("imagine", "images", prompt=FOX, **options)]


async def model_costs(member, result):
    """What the form of Edit says of each model."""
    form = (await member.pressed(result, "Edit")).given["answer"]["data"]["components"]
    models = next(one["component"]["options"] for one in form if one["label"] == "Model")
    return {one["label"]: one.get("description") for one in models}


async def test_a_larger_picture_is_charged_more_and_the_limit_counts_it(dear_world):
    world = dear_world
    async with administration(world) as admin:
        await admin.limit(9)
        large = {"prompt": FOX, "model": LITE, "size": "4K"}
        result = await world.ada.imagine_to_end(images=2, **large)
        first, *_, last = await result.stages()
        assert "up to 4 credits" in first.text
        assert " · 4 credits · " in last.text
        assert "**Cost:** 4 credits" in (await (await world.ada.pressed(result, "Details")).answer()).text
        small = await world.ada.imagine_to_end(prompt=FOX, model=LITE, size="2K")
        assert "1 credit ·" in small.text
        told = await refusal(await world.ada.imagine(images=3, **large))
        assert "4 of 9 left today.** This costs 6 credits." in told.text
        assert "**You can still make 2 of 3.**" in told.text
        assert told.labels == ["Make 2 · 4 credits"]
        await (await world.ada.pressed(told, "Make 2 · 4 credits")).result(pictures=2)
        assert await charged(world) == 9
        assert "0 of 9 left today" in (await refusal(await world.ada.imagine(**large))).text


async def test_what_a_group_would_cost_is_said_where_its_size_is_chosen(dear_world):
    ada = dear_world.ada
    assert (await offered(ada, model=LITE, size="4K"))[:2] == ["1 picture · 2 credits", "2 pictures · 4 credits"]
    assert (await offered(ada, model=LITE, size="2K"))[:2] == ["1 picture", "2 pictures"]
    assert await offered(ada, model=LITE, size="4K", images="12") == ["12 pictures · 24 credits"]
    assert await offered(ada, model=PRO) == ["1 picture · 3 credits"]
    assert await offered(ada, model="no such model", size="9K", images="x") == []


async def test_what_an_edit_would_cost_is_said_in_its_form(dear_world):
    result = await dear_world.ada.imagine_to_end(prompt=FOX, model=PRO, size="1K")
    costs = await model_costs(dear_world.ada, result)
    pro = "3 credits, 1 more per reference after the first"
    lite = "1 credit, 2 above 4.19 megapixels"
    assert costs["Default model"] == f"SeeDream 5.0 pro · {pro}"
    assert (costs["SeeDream 5.0 pro"], costs["SeeDream 5.0 lite"]) == (pro, lite)


async def test_quota_tells_all_prices(dear_world):
    told = await quota(dear_world.ada)
    assert "A picture costs 1 credit; 3 with SeeDream 5.0 pro." in told
    assert "**SeeDream 5.0 lite:** 2 above 4.19 megapixels" in told
    assert "**SeeDream 5.0 pro:** 1 more per reference after the first" in told


async def test_where_a_picture_is_a_credit_only_the_result_says_what_it_cost(world):
    group = await world.ada.imagine_to_end(prompt=FOX, images=2)
    assert "2 credits" in group.text
    assert not any("credit" in stage.text for stage in (await group.stages())[:-1])
    result = await world.ada.imagine_to_end(prompt=FOX)
    assert not any("credit" in (one or "") for one in (await model_costs(world.ada, result)).values())
    assert (await offered(world.ada))[:2] == ["1 picture", "2 pictures"]
