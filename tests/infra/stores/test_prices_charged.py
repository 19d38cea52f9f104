"""What requests cost in the ledger of a real database, at any prices and whatever comes of them."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import count
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedream import ImageRequest
from seedream.capabilities import PriceAbove
from studio.jobs.advance import advance
from studio.jobs.events import Abandoned, Broke, Cancelled, Finished, ImageMissed, Started
from studio.jobs.states import Failure, Path, Reason
from studio.quota.ledger import Measure, UsageQuery
from studio.quota.limits import Ceilings
from studio.quota.prices import ModelPrice
from tests.infra.stores.test_reservations import Submitter
from tests.support.jobs import arrived
from tests.support.quota import ADA, ADMIN, NOW

if TYPE_CHECKING:
    from studio.jobs.job import Job

PICTURE = "https://files.example/a.png"
PRO, LITE = "doubao-seedream-5.0-pro", "doubao-seedream-5.0-lite"
LIMIT = 20
FAILURE = Failure(reason=Reason.CONTENT_REFUSED)
CREDITS = st.integers(0, 3)

model_prices = st.builds(
    ModelPrice,
    picture=CREDITS,
    above=st.none() | st.builds(PriceAbove, pixels=st.sampled_from([1_100_000, 2_600_000, 5_000_000]), price=CREDITS),
    reference=CREDITS,
    layer=st.none() | CREDITS,
)
prices = st.dictionaries(st.sampled_from([PRO, LITE]), model_prices)
requests = st.one_of(
    st.builds(
        ImageRequest,
        prompt=st.just("fox"),
        model=st.just(LITE),
        size=st.sampled_from([None, "2K", "4K"]),
        group=st.integers(1, 12),
        images=st.integers(0, 3).map(lambda number: (PICTURE,) * number),
    ),
    st.builds(
        ImageRequest,
        prompt=st.just("fox"),
        model=st.just(PRO),
        size=st.sampled_from([None, "1K", "2K"]),
        images=st.integers(0, 10).map(lambda number: (PICTURE,) * number),
    ),
    st.builds(
        ImageRequest,
        prompt=st.just(""),
        model=st.just(PRO),
        size=st.sampled_from([None, "1K"]),
        images=st.just((PICTURE,)),
        layer_decomposition=st.just(True),
    ),
)
ends = st.sampled_from([Abandoned(NOW), Cancelled(NOW), Finished(NOW), Broke(FAILURE, NOW)])
outcomes = st.tuples(st.sets(st.integers(0, 19)), st.sets(st.integers(0, 19)), ends)
members = count(1_000)


def ended(job: Job, made: set[int], missed: set[int], end) -> Job:
    """Pictures come, and some don't, perhaps more of them than were asked for."""
    if isinstance(end, Abandoned | Cancelled):
        return advance(job, end)
    events = [*map(arrived, made), *(ImageMissed(index, FAILURE) for index in missed)]
    return reduce(advance, (Started(Path.STREAM, NOW), *events, end), job)


async def balance(submitter, member) -> dict[Measure, int]:
    """What the ledger says that the member has used."""
    wanted = [UsageQuery(measure, member.scope) for measure in (Measure.CREDITS, Measure.ALLOWANCE, Measure.GRANTS)]
    shown = (await submitter.till.quotas.usage(member, wanted)).counts
    return {usage_query.measure: int(shown[usage_query]) for usage_query in wanted}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prices=prices, asked=st.lists(st.tuples(requests, outcomes), min_size=1, max_size=4))
async def test_the_ledgers_sum_is_what_was_delivered_at_the_price_that_was_agreed(engine, prices, asked):
    submitter, member = Submitter(engine, ceilings=Ceilings(prices=prices)), replace(ADA, user_id=next(members))
    await submitter.till.limit(LIMIT)
    await submitter.till.quotas.grant(ADMIN, member.user_id, 10_000)
    jobs = [(await submitter.ask(member, request), outcome) for request, outcome in asked]
    reserved = await balance(submitter, member)
    assert reserved[Measure.CREDITS] == sum(job.reserved for job, _ in jobs)
    delivered = 0
    for job, outcome in jobs:
        end = ended(job, *outcome)
        assert await submitter.till.jobs.save(end, previous=job)
        assert end.cost == min(end.spent, end.wanted) * end.price <= end.reserved
        delivered += end.cost
    used = await balance(submitter, member)
    assert used[Measure.CREDITS] == used[Measure.ALLOWANCE] + used[Measure.GRANTS] == delivered
    assert used[Measure.ALLOWANCE] <= LIMIT
