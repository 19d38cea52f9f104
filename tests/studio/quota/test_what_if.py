"""What the last days would have been under a limit: as `decide` says it, asked once for each request."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.quota.decide import Allowed, QuotaUsage, RequestCost, decide, reserve, usage_queries
from studio.quota.limits import EVERYONE, SERVER, Limit, LimitKind, Member, Policy, Target, Who
from studio.quota.reports import last_days
from studio.quota.what_if import DAYS, Forecast, Replay, Requests, forecast, most_refused, needs_roles, spans
from tests.support.ledger_model import usage_of

SERVER_ID = 1
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 18, 12, tzinfo=NEW_YORK).timestamp()  # two weeks after its clocks were set back
WINDOWS = (LimitKind.DAY, LimitKind.WEEK, LimitKind.MONTH)
HOURS = st.integers(0, 62 * 24).map(lambda hours: NOW - 1 - hours * 3600)

limits = (
    st.builds(Limit, st.sampled_from([EVERYONE, SERVER]), st.sampled_from(WINDOWS), st.integers(0, 30))
    | st.builds(Limit, st.just(EVERYONE), st.just(LimitKind.COOLDOWN), st.sampled_from([0, 1800, 90_000, 3_000_000]))
    | st.builds(Limit, st.just(EVERYONE), st.just(LimitKind.IMAGES), st.integers(0, 6))
)
histories = st.lists(
    st.tuples(st.integers(11, 13), HOURS, st.integers(0, 6), st.sampled_from([0, 1, 1, 1, 3])), max_size=60
).map(lambda rows: sorted(rows, key=lambda row: row[1]))


def replayed(limit, history):
    """As the ledger gives it, a few at a time."""
    replay = Replay(limit)
    for span in spans(limit, NOW, NEW_YORK):
        within = [row for row in history if span.bounds.start <= row[1] < span.bounds.end and row[2]]
        credits_ = [images * price for _, _, images, price in within]
        measured = [int(row[1] * 1000) if limit.kind is LimitKind.COOLDOWN else row[2] for row in within]
        for part in Requests([str(row[0]) for row in within], credits_, measured).parts(3):
            replay.take(part, span)
    return replay


def decided(limit, history):
    """Each request by `decide`, under this limit alone, from the first window that reaches into the last days."""
    policy, charges, refused, used = Policy(limits=(limit,), zone=NEW_YORK), [], {}, 0
    since, begin = last_days(DAYS, NOW, NEW_YORK)[0].start, next(spans(limit, NOW, NEW_YORK)).bounds.start
    for number, (user_id, at, images, price) in enumerate(history):
        if not images or at < begin:
            continue
        member = Member(user_id=user_id, server_id=SERVER_ID)
        cost = RequestCost(model="m", images=images, price=price, divisible=False)
        counts = usage_of(charges, usage_queries(policy, member, at))
        decision = decide(policy, QuotaUsage(counts=counts), cost, member, at)
        if isinstance(decision, Allowed):
            charges.append(reserve(str(number), cost, member, decision, at))
        elif at >= since:
            refused[user_id] = refused.get(user_id, 0) + cost.credits
        used += cost.credits if at >= since else 0
    return refused, used


@given(limits, histories)
def test_requests_are_decided_as_decide_would(limit, history):
    replay = replayed(limit, history)
    refused, used = decided(limit, history)
    assert most_refused(replay, limit) == refused
    assert forecast(replay, limit, [limit], refused) == Forecast(
        members=len(refused), used=used, under=used - sum(refused.values())
    )


def test_a_month_begun_before_the_last_days_counts_in_full_but_is_reported_from_there_on():
    limit = Limit(EVERYONE, LimitKind.MONTH, 10)
    first, rest, current = spans(limit, NOW, NEW_YORK)
    assert datetime.fromtimestamp(first.bounds.start, NEW_YORK).day == 1
    assert (first.begins, first.counts) == (True, False)
    assert (rest.begins, rest.counts) == (False, True)
    assert first.bounds.end == rest.bounds.start == last_days(DAYS, NOW, NEW_YORK)[0].start
    assert (current.begins, current.counts, current.bounds.end) == (True, True, NOW)
    early, late = first.bounds.start + 60, rest.bounds.end - 60
    replay = replayed(limit, [(11, early, 6, 1), (11, late, 6, 1)])
    assert forecast(replay, limit, [limit], {11: 6}) == Forecast(members=1, used=6, under=0)


PATRON, ARTIST, ADA, BEN, CLEO = Target(Who.ROLE, 21), Target(Who.ROLE, 22), 11, 12, 13
DAILY = LimitKind.DAY


@pytest.mark.parametrize(
    ("limit", "others", "met"),
    [
        (Limit(EVERYONE, DAILY, 1), [], {ADA, BEN, CLEO}),
        (Limit(EVERYONE, DAILY, 1), [Limit(Target(Who.MEMBER, ADA), DAILY, None)], {BEN, CLEO}),
        (Limit(EVERYONE, DAILY, 1), [Limit(Target(Who.MEMBER, ADA), LimitKind.WEEK, None)], {ADA, BEN, CLEO}),
        (Limit(EVERYONE, DAILY, 1), [Limit(PATRON, DAILY, 9)], {CLEO}),
        (Limit(PATRON, DAILY, 1), [Limit(EVERYONE, DAILY, None)], {ADA, BEN}),
        (Limit(PATRON, DAILY, 1), [Limit(ARTIST, DAILY, 2)], {ADA}),
        (Limit(PATRON, DAILY, 3), [Limit(ARTIST, DAILY, 2)], {ADA, BEN}),
        (Limit(SERVER, DAILY, 1), [Limit(Target(Who.MEMBER, ADA), DAILY, None)], {ADA, BEN, CLEO}),
    ],
)
def test_only_members_to_whom_the_limit_applies_would_have_met_it(limit, others, met):
    roles = {ADA: frozenset({21}), BEN: frozenset({21, 22})}
    replay = replayed(limit, [(user_id, NOW - 60, 5, 1) for user_id in (ADA, BEN, CLEO)])
    told = forecast(replay, limit, [*others, limit], most_refused(replay, limit), roles)
    assert told == Forecast(members=len(met), used=15, under=15 - 5 * len(met))


def test_roles_matter_only_where_a_role_has_such_a_limit():
    everyone = Limit(EVERYONE, DAILY, 1)
    assert not needs_roles([Limit(PATRON, LimitKind.WEEK, 3)], everyone)
    assert needs_roles([Limit(PATRON, DAILY, 3)], everyone)
    assert needs_roles([], Limit(PATRON, DAILY, 3))
    assert not needs_roles([Limit(PATRON, DAILY, 3)], Limit(SERVER, DAILY, 3))


def test_of_many_members_those_with_the_most_refused_are_looked_at():
    limit = Limit(PATRON, DAILY, 0)
    replay = replayed(limit, [(user_id, NOW - 60, images, 1) for user_id, images in ((ADA, 1), (BEN, 3), (CLEO, 2))])
    refused = most_refused(replay, limit, 2)
    assert refused == {BEN: 3, CLEO: 2}
    patrons = {user_id: frozenset({21}) for user_id in refused}
    assert forecast(replay, limit, [limit], refused, patrons) == Forecast(members=2, used=6, under=1, others=1)


def test_forgotten_members_meet_no_limit_of_one_member():
    for limit, members, under in ((Limit(EVERYONE, DAILY, 1), 0, 5), (Limit(SERVER, DAILY, 1), 0, 0)):
        replay = replayed(limit, [(0, NOW - 60, 5, 1)])
        told = forecast(replay, limit, [limit], most_refused(replay, limit))
        assert told == Forecast(members=members, used=5, under=under)
