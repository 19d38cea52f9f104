"""What members read about prices, before and after."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest

from cogs.editing.modals import EditModal, EditModels
from cogs.i18n.translate import LANGUAGES, using_locale
from cogs.requests.autocomplete import groups, models
from cogs.texts.common import plain
from cogs.texts.prices import cost_line, price_lines
from seedream import MODELS, ImageRequest
from studio.jobs.advance import advance
from studio.jobs.events import Broke, Cancelled, Finished, ImageMissed, Posted, Started
from studio.jobs.images import Child
from studio.jobs.job import PreparedRequest, accepted, new_job
from studio.jobs.states import Failure, Path, Reason
from studio.members.models import can_edit
from studio.quota.prices import NO_PRICES, parse_prices
from tests.support.jobs import MESSAGE, ORIGIN, arrived

PRO = MODELS["doubao-seedream-5.0-pro"]
LITE = MODELS["doubao-seedream-5.0-lite"]
ALL_THREE = ", ".join(f"{name}=3" for name in MODELS)
PRO_VARIES = "pro=1, pro>2600000=2, pro:reference=1"
FURTHER = "1 more per reference after the first"
PRO_WORDS = f"1 credit, 2 above 2.6 megapixels, {FURTHER}"


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ("", ["A picture costs 1 credit."]),
        ("4.0=1", ["A picture costs 1 credit."]),
        (ALL_THREE, ["A picture costs 3 credits."]),
        ("pro=3, 4.0=0", ["A picture costs 1 credit; 0 with SeeDream 4.0, 3 with SeeDream 5.0 pro."]),
        (
            "pro=2, pro>2612345=4, pro:reference=1, pro:layer=3",
            [
                "A picture costs 1 credit; 2 with SeeDream 5.0 pro.",
                f"**{PRO.label}:** 4 above 2.61 megapixels, {FURTHER}, 3 per layer",
            ],
        ),
        (
            "pro>2600000=2, flash>2600000=2",
            [
                "A picture costs 1 credit.",
                "**SeeDream 5.0 pro and SeeDream 5.0 flash:** 2 above 2.6 megapixels",
            ],
        ),
        ("pro=2, pro>2600000=2, pro:layer=2", ["A picture costs 1 credit; 2 with SeeDream 5.0 pro."]),
    ],
)
def test_what_a_picture_costs_is_told(prices, expected):
    assert price_lines(parse_prices(prices)) == expected


# --- a job, before and after ------------------------------------------------------------------------------------------


def a_job(*events, price=2, **request):
    asked = ImageRequest(prompt="a red fox in snow", **request)
    job = accepted(new_job(ORIGIN, PreparedRequest(request=asked)), price=price, place=0, now=0.0)
    return reduce(advance, (Posted(MESSAGE), *events), job)


STARTED = Started(Path.STREAM, 1.0)
DONE = Finished(9.0)
REFUSED = Failure(reason=Reason.CONTENT_REFUSED)
FOUR = {"group": 4}
LAYERS = {"model": "pro", "images": ["https://files.example/a.png"], "layer_decomposition": True}


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (a_job(**FOUR), "up to 8 credits"),
        (a_job(STARTED, arrived(0), **FOUR), "up to 8 credits"),
        (a_job(STARTED, arrived(0), arrived(1), DONE, **FOUR), "4 credits"),
        (a_job(STARTED, arrived(0), ImageMissed(1, REFUSED), Broke(REFUSED, 9.0), **FOUR), "2 credits"),
        (a_job(STARTED, Broke(REFUSED, 9.0), **FOUR), None),
        (a_job(Cancelled(9.0), **FOUR), None),
        (a_job(STARTED, arrived(0), DONE), "2 credits"),
        (a_job(price=0), "up to 0 credits"),
        (a_job(STARTED, arrived(0), DONE, price=0), "0 credits"),
        (a_job(price=1, **FOUR), None),
        (a_job(STARTED, arrived(0), DONE, price=1, **FOUR), "1 credit"),
        (a_job(price=1, **LAYERS), "up to 17 credits"),  # nobody can know how many there will be
        (a_job(STARTED, *map(arrived, range(5)), DONE, price=1, **LAYERS), "5 credits"),
    ],
)
def test_a_job_says_what_it_has_cost_and_before_what_it_may_if_that_is_not_a_credit_a_picture(job, expected):
    assert cost_line(job) == expected


@pytest.mark.parametrize(
    ("price", "together", "expected"),
    [
        (3, {"reserved": 1}, "up to 4 credits"),
        (1, {"reserved": 3}, "up to 4 credits"),
        (2, {"count": 4, "reserved": 8}, "up to 10 credits"),
        (1, {"count": 4, "reserved": 4}, None),
    ],
)
def test_several_requests_accepted_as_one_say_what_they_may_cost_together(price, together, expected):
    child = Child(job_id="child", slot=1, base=100, **{"count": 1, "together": True} | together)
    added = replace(child, job_id="later", slot=9, together=False)
    assert cost_line(replace(a_job(price=price), children=(child, added))) == expected


# --- choices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "references", "typed", "price", "expected"),
    [
        (
            LITE,
            11,
            "",
            1,
            {1: "1 picture", 2: "2 pictures · 2 credits"} | {n: f"{n} pictures · {n} credits" for n in (3, 4)},
        ),
        (LITE, 13, "", 2, {1: "1 picture · 2 credits", 2: "2 pictures · 4 credits"}),
        (LITE, 0, "4", None, {4: "4 pictures"}),
        (LITE, 0, "x", 2, {}),
        (PRO, 0, "", 3, {1: "1 picture · 3 credits"}),
    ],
)
def test_how_many_pictures_is_offered_with_what_they_cost(model, references, typed, price, expected):
    offered = groups(model, references, typed, price, limited=True)
    assert {choice.value: choice.name for choice in offered} == expected


def test_where_nothing_is_limited_the_usual_price_goes_without_saying():
    assert [choice.name for choice in groups(LITE, 13, "", 1, limited=False)] == ["1 picture", "2 pictures"]
    assert [choice.name for choice in groups(LITE, 13, "2", 2, limited=False)] == ["2 pictures · 4 credits"]


def models_offered(prices, usual=LITE):
    """The modal's select of models: label -> description."""
    models = tuple(model for model in MODELS.values() if can_edit(model))
    modal = EditModal(None, EditModels(usual=usual, models=models, prices=prices), numbers=(1,))
    selects = {one["component"]["custom_id"]: one["component"] for one in modal.to_components()}
    return {option["label"]: option.get("description") for option in selects["model"]["options"]}


@pytest.mark.parametrize(
    ("prices", "label"),
    [
        (PRO_VARIES, "SeeDream 5.0 pro (from 1 credit)"),
        ("pro=4, pro>2600000=2", "SeeDream 5.0 pro (from 2 credits)"),
        ("pro=3", "SeeDream 5.0 pro (3 credits)"),
        ("lite=2", "SeeDream 5.0 pro (1 credit)"),
        ("", "SeeDream 5.0 pro"),
    ],
)
def test_a_model_is_offered_with_its_price_in_a_few_words(prices, label):
    assert [one.name for one in models({PRO.name, LITE.name}, parse_prices(prices), "pro")] == [label]


async def test_the_modal_says_what_each_model_costs_and_the_usual_one():
    offered = models_offered(parse_prices(PRO_VARIES), usual=PRO)
    told = {"Default model": plain(f"{PRO.label} · {PRO_WORDS}", 100), PRO.label: PRO_WORDS}
    assert offered == dict.fromkeys(offered, "1 credit") | told


async def test_the_modal_of_a_server_where_a_picture_is_a_credit_says_nothing_of_it():
    for prices in (NO_PRICES, parse_prices("t2i=5")):  # which can't edit
        offered = models_offered(prices)
        assert offered == dict.fromkeys(offered) | {"Default model": LITE.label}


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_the_longest_price_fits_into_a_choice_in_every_language(locale):
    with using_locale(locale):
        offered = models_offered(parse_prices("pro=1000, pro>999999999999=1000, pro:reference=1000"))
    assert all(len(words) <= 100 for words in offered.values())
