"""Who may make how much: by tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from seedream import ImageRequest
from studio.quota.decide import (
    Allowed,
    Closed,
    QuotaUsage,
    Refused,
    RequestCost,
    cost_of,
    decide,
    limit_statuses,
    reserve,
    usage_queries,
)
from studio.quota.ledger import PERSONAL, Charge, Measure, Scope
from studio.quota.limits import EVERYONE, SERVER, Ceilings, Limit, LimitKind, Member, Policy, Target, Who, own_limit
from studio.quota.prices import ModelPrice
from tests.support.ledger_model import refund, settle, usage_of

NOW = datetime(2026, 5, 13, 12, tzinfo=UTC).timestamp()  # a Wednesday
TOMORROW = datetime(2026, 5, 14, tzinfo=UTC).timestamp()
NEXT_WEEK = datetime(2026, 5, 18, tzinfo=UTC).timestamp()
NEXT_MONTH = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
ADA = Member(user_id=11, server_id=1, role_ids=frozenset({21, 22, 23}))
OWN = Target(Who.MEMBER, 11)


def role(number: int) -> Target:
    return Target(Who.ROLE, number)


def limits(*found: tuple[Target, str, int | None]) -> Policy:
    return Policy(limits=tuple(Limit(target, LimitKind(kind), amount) for target, kind, amount in found))


def ask(images: int = 1, price: int = 1) -> RequestCost:
    return RequestCost(model="doubao-seedream-5.0-lite", images=images, price=price, divisible=images > 1)


def charge(images: int, **changes) -> Charge:
    usual = {"job_id": "job", "server_id": 1, "user_id": 11, "at": NOW - 60, "model": "m", "price": 1, "settled": True}
    return Charge(**usual | {"images": images} | changes)


def decided(policy: Policy, *charges: Charge, asked: RequestCost | None = None, member=ADA, granted=0, now=NOW):
    usage = QuotaUsage(counts=usage_of(charges, usage_queries(policy, member, now)), granted=granted)
    return decide(policy, usage, asked or ask(), member, now)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], None),
        ([(EVERYONE, 5)], (EVERYONE, 5)),
        ([(EVERYONE, 5), (role(21), 3)], (role(21), 3)),  # a role's holds though everyone's is higher
        ([(EVERYONE, 5), (role(21), 3), (role(22), 50)], (role(22), 50)),
        ([(role(21), 50), (role(22), None)], (role(22), None)),
        ([(role(21), 0), (role(22), 0)], (role(21), 0)),
        ([(role(99), 50), (EVERYONE, 5)], (EVERYONE, 5)),  # not theirs
        ([(role(22), None), (OWN, 2)], (OWN, 2)),
        ([(role(22), 2), (OWN, None)], (OWN, None)),
        ([(Target(Who.MEMBER, 12), 9)], None),
        ([(SERVER, 9)], None),
    ],
)
def test_of_the_limits_for_people_one_holds(found, expected):
    policy = Policy(limits=tuple(Limit(target, LimitKind.DAY, amount) for target, amount in found))
    held = own_limit(policy, ADA, LimitKind.DAY)
    assert (held and (held.target, held.amount)) == expected


def test_the_most_generous_cooldown_is_the_shortest():
    policy = limits((role(21), "cooldown", 60), (role(22), "cooldown", 10), (role(23), "cooldown", 30))
    assert own_limit(policy, ADA, LimitKind.COOLDOWN).amount == 10


def test_each_window_is_decided_for_itself():
    policy = limits((OWN, "day", 5), (role(21), "week", 20), (EVERYONE, "day", 1), (EVERYONE, "week", 1))
    usage = QuotaUsage(counts=usage_of([], usage_queries(policy, ADA, NOW)))
    stands = limit_statuses(policy, usage, ADA, NOW)
    assert [(one.rule.kind, one.rule.by, one.left) for one in stands] == [
        (LimitKind.DAY, OWN, 5),
        (LimitKind.WEEK, role(21), 20),
    ]


@pytest.mark.parametrize(
    ("policy", "charges", "asked", "expected"),
    [
        # kind, by, used, amount, wanted, left, resets_at, fits
        (
            limits((EVERYONE, "day", 5)),
            [charge(5)],
            ask(1),
            (LimitKind.DAY, EVERYONE, 5, 5, 1, 0, TOMORROW, 0),
        ),
        (
            limits((EVERYONE, "day", 5)),
            [charge(3)],
            ask(4),
            (LimitKind.DAY, EVERYONE, 3, 5, 4, 2, TOMORROW, 2),
        ),
        (
            limits((EVERYONE, "day", 5)),
            [],
            ask(2, price=3),
            (LimitKind.DAY, EVERYONE, 0, 5, 6, 5, TOMORROW, 1),
        ),
        (
            limits((EVERYONE, "day", 2)),
            [],
            ask(1, price=3),
            (LimitKind.DAY, EVERYONE, 0, 2, 3, 2, TOMORROW, 0),
        ),
        (
            limits((EVERYONE, "day", 0), (role(99), "day", 50)),
            [],
            ask(1),
            (LimitKind.DAY, EVERYONE, 0, 0, 1, 0, None, 0),  # no time brings it
        ),
        (
            limits((EVERYONE, "day", 3)),
            [charge(5)],  # lowered meanwhile
            ask(1),
            (LimitKind.DAY, EVERYONE, 5, 3, 1, 0, TOMORROW, 0),
        ),
        (
            limits((EVERYONE, "day", 5), (EVERYONE, "week", 9)),
            [charge(4), charge(4, at=NOW - 86_400)],
            ask(2),
            (LimitKind.WEEK, EVERYONE, 8, 9, 2, 1, NEXT_WEEK, 1),  # of two that leave as much, the one that lasts
        ),
        (
            limits((EVERYONE, "month", 5), (EVERYONE, "day", 5)),
            [charge(5)],
            ask(1),
            (LimitKind.MONTH, EVERYONE, 5, 5, 1, 0, NEXT_MONTH, 0),
        ),
        (
            limits((OWN, "day", None), (SERVER, "month", 100)),
            [charge(99, user_id=12)],
            ask(3),
            (LimitKind.MONTH, SERVER, 99, 100, 3, 1, NEXT_MONTH, 1),
        ),
        (
            limits((EVERYONE, "images", 4), (role(21), "images", 6)),
            [],
            ask(8),
            (LimitKind.IMAGES, role(21), 0, 6, 8, 6, None, 6),
        ),
        (
            limits((EVERYONE, "images", 4), (EVERYONE, "day", 5)),
            [charge(3)],
            ask(8),
            (LimitKind.DAY, EVERYONE, 3, 5, 8, 2, TOMORROW, 2),  # the one that lets the least through
        ),
        (
            limits((EVERYONE, "at_once", 2)),
            [charge(1, settled=False), charge(9), charge(1, settled=False)],
            ask(4),
            (LimitKind.AT_ONCE, EVERYONE, 2, 2, 1, 0, None, 0),
        ),
        (
            limits((EVERYONE, "cooldown", 90)),
            [charge(1), charge(1, at=NOW - 300)],
            ask(4),
            (LimitKind.COOLDOWN, EVERYONE, 60, 90, 90, 30, NOW + 30, 0),
        ),
        (
            limits((EVERYONE, "cooldown", 90)),
            [charge(1, at=NOW + 20)],  # by a process whose clock is a little ahead
            ask(1),
            (LimitKind.COOLDOWN, EVERYONE, 0, 90, 90, 90, NOW + 90, 0),
        ),
        (
            limits((EVERYONE, "cooldown", 90), (EVERYONE, "day", 1), (EVERYONE, "at_once", 1)),
            [charge(1, settled=False)],
            ask(1),
            (LimitKind.DAY, EVERYONE, 1, 1, 1, 0, TOMORROW, 0),
        ),
    ],
)
def test_a_refusal_says_which_limit_and_why_it_holds(policy, charges, asked, expected):
    told = decided(policy, *charges, asked=asked)
    assert isinstance(told, Refused)
    found = (told.kind, told.by, told.used, told.amount, told.wanted, told.left, told.resets_at, told.fits)
    assert found == expected


@pytest.mark.parametrize(
    ("policy", "charges", "asked"),
    [
        (Policy(), [charge(10_000)], ask(15)),
        (limits((EVERYONE, "day", 5)), [charge(4)], ask(1)),
        (limits((EVERYONE, "day", 5)), [charge(5, at=NOW - 86_400)], ask(5)),
        (limits((EVERYONE, "day", 5)), [charge(5, user_id=12)], ask(5)),
        (limits((EVERYONE, "day", 5)), [charge(5, server_id=2)], ask(5)),
        (limits((EVERYONE, "day", 5)), [charge(5, server_id=PERSONAL)], ask(5)),
        (limits((EVERYONE, "day", 5), (role(21), "day", None)), [charge(500)], ask(5)),
        (limits((EVERYONE, "day", 0)), [], ask(15, price=0)),
        (limits((EVERYONE, "day", 3)), [charge(5)], ask(15, price=0)),  # what is for nothing adds to nothing
        (limits((SERVER, "day", 5)), [charge(9, server_id=2)], ask(5)),
        (limits((EVERYONE, "cooldown", 60)), [charge(1)], ask(1)),  # exactly so long ago
        (limits((EVERYONE, "cooldown", 0)), [charge(1, at=NOW)], ask(1)),
        (limits((EVERYONE, "cooldown", 60)), [charge(1, at=NOW + 86_400)], ask(1)),  # written by a clock that was wrong
        (limits((EVERYONE, "cooldown", 600), (OWN, "cooldown", None)), [charge(1)], ask(1)),
        (limits((EVERYONE, "cooldown", 600)), [refund(charge(1, settled=False))], ask(1)),  # it brought nothing
        (limits((EVERYONE, "at_once", 2)), [charge(1, settled=False)], ask(1)),
        (limits((EVERYONE, "images", 4)), [charge(50)], ask(4)),
    ],
)
def test_what_fits_is_allowed(policy, charges, asked):
    usage = QuotaUsage(counts=usage_of(charges, usage_queries(policy, ADA, NOW)))
    decision = decide(policy, usage, asked, ADA, NOW)
    assert isinstance(decision, Allowed)
    assert all(check.holds(usage.counts[check.usage_query]) for check in decision.checks)


def test_windows_are_the_servers_own():
    policy = replace(limits((EVERYONE, "day", 5)), zone=ZoneInfo("Asia/Kathmandu"))
    midnight = datetime(2026, 5, 13, tzinfo=policy.zone).timestamp()
    told = decided(policy, charge(3, at=midnight), charge(3, at=midnight - 1), asked=ask(3))
    assert (told.used, told.resets_at) == (3, midnight + 86_400)


@pytest.mark.parametrize(
    ("used", "granted", "taken", "images", "expected"),
    [
        (0, 3, 0, 5, 0),
        (4, 3, 0, 2, 1),  # the allowance first
        (5, 3, 0, 3, 3),
        (9, 3, 0, 3, 3),  # over it already, since it was lowered: grants are theirs all the same
        (5, 3, 1, 2, 2),
    ],
)
def test_grants_are_used_after_the_allowance(used, granted, taken, images, expected):
    charges = [charge(used), charge(taken, from_grants=taken, at=NOW - 10**7)]
    told = decided(limits((EVERYONE, "day", 5)), *charges, asked=ask(images), granted=granted)
    assert told.from_grants == expected


def test_a_refusal_counts_what_grants_would_give():
    told = decided(limits((EVERYONE, "day", 5)), charge(4), asked=ask(9, price=2), granted=4)
    assert (told.left, told.grants_left, told.fits) == (1, 4, 2)


def test_grants_open_neither_the_servers_limit_nor_the_operators():
    policy = limits((EVERYONE, "day", 5), (SERVER, "day", 6))
    told = decided(policy, charge(5), asked=ask(2), granted=100)
    assert (told.by, told.left, told.grants_left, told.fits) == (SERVER, 1, 0, 1)
    policy = replace(policy, limits=(), ceilings=Ceilings(daily=6))
    told = decided(policy, charge(5, server_id=2, user_id=12), asked=ask(2), granted=100)
    assert (told.by, told.left, told.grants_left, told.fits) == (Target(Who.BOT), 1, 0, 1)


def test_what_comes_from_grants_is_checked_where_it_counts():
    policy = limits((EVERYONE, "day", 5), (SERVER, "day", 20))
    allowed = decided(replace(policy, ceilings=Ceilings(daily=30)), charge(4), asked=ask(3), granted=7)
    assert [
        (check.usage_query.measure, check.usage_query.scope, check.adds, check.most) for check in allowed.checks
    ] == [
        (Measure.CREDITS, Scope(), 3, 30),
        (Measure.CREDITS, Scope(1), 3, 20),
        (Measure.ALLOWANCE, Scope(1, 11), 1, 5),
        (Measure.GRANTS, Scope(1, 11), 2, 7),
    ]


def test_grants_that_were_taken_away_leave_no_debt():
    told = decided(limits((EVERYONE, "day", 1)), charge(9, from_grants=9), asked=ask(2), granted=3)
    assert (told.grants_left, told.fits) == (0, 1)


def test_every_window_must_have_room_for_what_is_not_from_grants():
    policy = limits((EVERYONE, "day", 5), (EVERYONE, "week", 7))
    told = decided(policy, charge(6, at=NOW - 86_400), asked=ask(4), granted=3)
    assert told.from_grants == 3


def test_whoever_makes_nothing_gets_everything_back_and_grants_first():
    reserved = charge(4, price=2, from_grants=3, settled=False)
    assert [(settle(reserved, made).amount, settle(reserved, made).from_grants) for made in range(6)] == [
        (0, 0),
        (2, 0),
        (4, 0),
        (6, 1),
        (8, 3),
        (8, 3),  # never more than was reserved
    ]
    settled = settle(reserved, 1)
    assert settle(settled, 4) is settled


def test_a_reset_gives_the_allowance_again_and_leaves_the_servers_alone():
    policy = limits((EVERYONE, "day", 5), (EVERYONE, "month", 9), (SERVER, "month", 9))
    resets = MappingProxyType({OWN: NOW - 30})
    told = decided(replace(policy, resets=resets), charge(5), asked=ask(5))
    assert (told.by, told.left) == (SERVER, 4)
    assert isinstance(decided(replace(policy, resets=resets), charge(5), asked=ask(4)), Allowed)
    for target in (EVERYONE, role(22)):
        assert isinstance(decided(replace(policy, resets={target: NOW}), charge(5), asked=ask(4)), Allowed)
    for target in (SERVER, role(99), Target(Who.MEMBER, 12)):
        assert isinstance(decided(replace(policy, resets={target: NOW}), charge(5), asked=ask(4)), Refused)


def test_a_reset_of_last_month_changes_nothing():
    policy = replace(limits((EVERYONE, "day", 5)), resets={OWN: NOW - 40 * 86_400})
    assert decided(policy, charge(5, at=NOW - 86_400), charge(2), asked=ask(4)).used == 2


def test_the_operator_closes_servers_and_direct_messages():
    somewhere = Policy(ceilings=Ceilings(servers=frozenset({2}), personal=False))
    assert decided(somewhere) is Closed.SERVER
    assert decided(somewhere, member=replace(ADA, server_id=PERSONAL)) is Closed.PERSONAL
    assert isinstance(decided(somewhere, member=replace(ADA, server_id=2)), Allowed)
    nowhere = Policy(ceilings=Ceilings(servers=frozenset()))
    assert decided(nowhere) is Closed.SERVER
    assert isinstance(decided(nowhere, member=replace(ADA, server_id=PERSONAL)), Allowed)


def test_outside_of_servers_a_member_has_the_operators_day():
    policy = replace(limits((EVERYONE, "day", 0)), ceilings=Ceilings(personal_daily=3), zone=ZoneInfo("Pacific/Apia"))
    outside = replace(ADA, server_id=PERSONAL)
    charges = [charge(2, server_id=PERSONAL), charge(9), charge(9, server_id=PERSONAL, user_id=12)]
    told = decided(policy, *charges, asked=ask(4), member=outside, granted=100)
    expected = (LimitKind.DAY, Target(Who.PERSONAL), 2, 3, 1, 0, TOMORROW, 1)
    found = (told.kind, told.by, told.used, told.amount, told.left, told.grants_left, told.resets_at, told.fits)
    assert found == expected
    assert isinstance(decided(policy, *charges, asked=ask(1), member=outside), Allowed)


def test_the_whole_bots_day_is_utcs():
    policy = Policy(ceilings=Ceilings(daily=10), zone=ZoneInfo("Pacific/Apia"))
    midnight = datetime(2026, 5, 13, tzinfo=UTC).timestamp()
    charges = [charge(4, at=midnight, server_id=2), charge(5, at=midnight, server_id=PERSONAL), charge(9, at=0)]
    told = decided(policy, *charges, asked=ask(2))
    assert (told.used, told.left, told.resets_at) == (9, 1, TOMORROW)


def test_checks_come_in_an_order_in_which_nobody_waits_for_another_in_a_circle():
    policy = limits((EVERYONE, "day", 5), (OWN, "month", 5), (SERVER, "day", 9), (EVERYONE, "at_once", 1))
    allowed = decided(replace(policy, ceilings=Ceilings(daily=10)), asked=ask(8), granted=9)
    scopes = [check.usage_query.scope for check in allowed.checks]
    assert scopes == sorted(scopes, key=lambda scope: (scope.server_id or 0, scope.user_id or 0))
    assert len(scopes) == 6


def test_a_meter_that_was_not_read_is_an_error_and_not_a_zero():
    policy = limits((EVERYONE, "day", 5))
    yesterdays = QuotaUsage(counts=usage_of([], usage_queries(policy, ADA, NOW - 86_400)))
    with pytest.raises(KeyError):
        decide(policy, yesterdays, ask(), ADA, NOW)


@pytest.mark.parametrize(
    ("target", "kind", "amount"),
    [
        (EVERYONE, LimitKind.DAY, -1),
        (EVERYONE, LimitKind.DAY, 1_000_000_001),
        (SERVER, LimitKind.COOLDOWN, 5),
        (SERVER, LimitKind.IMAGES, 5),
        (Target(Who.BOT), LimitKind.DAY, 5),
        (Target(Who.PERSONAL), LimitKind.DAY, 5),
        (Target(Who.ROLE), LimitKind.DAY, 5),
        (Target(Who.EVERYONE, 5), LimitKind.DAY, 5),
    ],
)
def test_limits_that_make_no_sense_are_none(target, kind, amount):
    with pytest.raises(ValueError):
        Limit(target, kind, amount)


def test_what_a_request_costs_and_whether_it_can_be_made_smaller():
    prices = {"doubao-seedream-5.0-lite": ModelPrice(picture=3)}
    group = cost_of(ImageRequest(prompt="fox", model="lite", group=4), prices)
    assert group == RequestCost(model="doubao-seedream-5.0-lite", images=4, price=3, divisible=True)
    assert cost_of(ImageRequest(prompt="fox", model="lite"), prices).divisible is False
    layers = ImageRequest(model="pro", prompt="", images=("https://files.example/a.png",), layer_decomposition=True)
    assert cost_of(layers, prices) == RequestCost(model="doubao-seedream-5.0-pro", images=17, price=1, divisible=False)


def test_the_charge_of_a_request_remembers_its_price():
    allowed = decided(limits((EVERYONE, "day", 5)), charge(4), asked=ask(2, price=2), granted=9)
    made = reserve("job-1", ask(2, price=2), ADA, allowed, NOW)
    assert (made.amount, made.from_grants, made.at, made.settled) == (4, 3, NOW, False)
    assert (made.server_id, made.user_id, made.job_id) == (1, 11, "job-1")
