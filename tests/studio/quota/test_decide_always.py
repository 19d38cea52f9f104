"""Who may make how much: what holds always, against a model that knows nothing of meters, and in a real database."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from studio.quota.decide import Allowed, Closed, QuotaUsage, Refused, RequestCost, decide, reserve, usage_queries
from studio.quota.ledger import PERSONAL, Charge
from studio.quota.limits import EVERYONE, SERVER, Ceilings, Limit, LimitKind, Member, Policy, Target, Who, own_limit
from tests.support.ledger import SqlLedger
from tests.support.ledger_model import refund, settle, usage_of

UTC = ZoneInfo("UTC")
MEMBERS = [
    Member(user_id=11, server_id=1, role_ids=frozenset({21})),
    Member(user_id=12, server_id=1, role_ids=frozenset({21, 22})),
    Member(user_id=11, server_id=2),
    Member(user_id=11, server_id=PERSONAL),
    Member(user_id=12, server_id=PERSONAL),
]
TARGETS = [EVERYONE, Target(Who.ROLE, 21), Target(Who.ROLE, 22), Target(Who.MEMBER, 11)]
# Around New York's change of clocks, a month's end that is a week's end too, and a leap day.
BEGINNINGS = [
    datetime(2026, 11, 1, 5, tzinfo=UTC),
    datetime(2026, 5, 31, 21, tzinfo=UTC),
    datetime(2028, 2, 28, 20, tzinfo=UTC),
]

amounts = st.none() | st.integers(0, 12)
windows = st.sampled_from([LimitKind.DAY, LimitKind.WEEK, LimitKind.MONTH])
limits = st.builds(Limit, st.sampled_from(TARGETS), windows, amounts) | st.builds(
    Limit, st.just(SERVER), windows, amounts
)
habits = st.builds(
    Limit, st.sampled_from(TARGETS), st.sampled_from([LimitKind.AT_ONCE, LimitKind.IMAGES]), amounts
) | st.builds(Limit, st.sampled_from(TARGETS), st.just(LimitKind.COOLDOWN), st.sampled_from([None, 0, 1800, 7200]))
policies = st.builds(
    Policy,
    limits=st.lists(limits | habits, max_size=8, unique_by=lambda limit: (limit.target, limit.kind)).map(tuple),
    zone=st.sampled_from(["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]).map(ZoneInfo),
    ceilings=st.builds(Ceilings, daily=amounts, personal_daily=amounts),
)
asks = st.builds(
    RequestCost,
    model=st.just("m"),
    images=st.integers(1, 8),
    price=st.sampled_from([1, 1, 2, 3, 0]),
    divisible=st.just(True),
)


@dataclass
class World:
    """Charges in a list and in SQL, beside grants and a clock."""

    policy: Policy
    now: float
    sql: SqlLedger
    charges: list[Charge] = field(default_factory=list)
    granted: dict[Member, int] = field(default_factory=dict)

    def usage(self, member: Member, now: float | None = None) -> QuotaUsage:
        wanted = usage_queries(self.policy, member, self.now if now is None else now)
        usage = QuotaUsage(counts=usage_of(self.charges, wanted), granted=self.granted.get(member, 0))
        assert self.sql.read(wanted) == usage.counts
        return usage

    def change(self, number: int, changed: Charge) -> None:
        self.charges[number] = changed
        self.sql.save(changed)

    def same(self, kind: LimitKind, zone: ZoneInfo, charges: list[Charge]) -> list[Charge]:
        """Those of the day, week or month that it is now."""

        def date(at: float) -> object:
            day = datetime.fromtimestamp(at, zone).date()
            return {LimitKind.DAY: day, LimitKind.WEEK: day.isocalendar()[:2], LimitKind.MONTH: (day.year, day.month)}[
                kind
            ]

        return [one for one in charges if date(one.at) == date(self.now)]


def fits(charges: list[Charge], cost: int, most: int | None) -> bool:
    return not cost or most is None or sum(one.amount for one in charges) + cost <= most


def allowed_by_hand(world: World, member: Member, images: int, price: int) -> bool:
    """The rules once more, as a person would add them up."""
    policy, cost, everything = world.policy, images * price, world.charges
    theirs = [one for one in everything if (one.server_id, one.user_id) == (member.server_id, member.user_id)]
    if not fits(world.same(LimitKind.DAY, UTC, everything), cost, policy.ceilings.daily):
        return False
    if member.server_id == PERSONAL:
        return fits(world.same(LimitKind.DAY, UTC, theirs), cost, policy.ceilings.personal_daily)
    here = [one for one in everything if one.server_id == member.server_id]
    servers = [limit for limit in policy.limits if limit.target == SERVER]
    if not all(fits(world.same(limit.kind, policy.zone, here), cost, limit.amount) for limit in servers):
        return False
    most = {
        kind: own.amount for kind in LimitKind if (own := own_limit(policy, member, kind)) and own.amount is not None
    }
    room = [
        most[kind] - sum(one.amount - one.from_grants for one in world.same(kind, policy.zone, theirs))
        for kind in (LimitKind.DAY, LimitKind.WEEK, LimitKind.MONTH)
        if kind in most
    ]
    grants = world.granted.get(member, 0) - sum(one.from_grants for one in theirs)
    return (
        (not room or cost <= max(0, min(room)) + grants)
        and images <= most.get(LimitKind.IMAGES, images)
        and (LimitKind.AT_ONCE not in most or sum(not one.settled for one in theirs) < most[LimitKind.AT_ONCE])
        and all(world.now - one.at >= most.get(LimitKind.COOLDOWN, 0) for one in theirs if one.images)
    )


def reserved(world: World, member: Member, asked: RequestCost) -> None:
    decision = decide(world.policy, world.usage(member), asked, member, world.now)
    fitting = [n for n in range(1, asked.images + 1) if allowed_by_hand(world, member, n, asked.price)]
    if isinstance(decision, Refused):
        assert asked.images not in fitting
        assert decision.fits == max(fitting, default=0)
        return
    assert isinstance(decision, Allowed)
    assert asked.images in fitting
    charge = reserve(f"job-{len(world.charges)}", asked, member, decision, world.now)
    assert world.sql.insert(charge, decision.checks)
    world.charges.append(charge)


@st.composite
def steps(draw):
    """What happens next: (how many minutes later, what, to whom or to which charge, how much)."""
    later = draw(st.sampled_from([0, 0, 0, 20, 60, 400, 1440, 10_080]))
    what = draw(st.sampled_from(["reserve", "reserve", "reserve", "settle", "refund", "grant", "limits"]))
    return later, what, draw(st.integers(0, 30)), draw(asks)


@given(st.lists(policies, min_size=1, max_size=3), st.sampled_from(BEGINNINGS), st.lists(steps(), max_size=25))
def test_what_is_allowed_is_what_a_person_adds_up_however_things_come(set_by_admins, beginning, happening):
    with closing(SqlLedger()) as sql:
        world = World(set_by_admins[0], beginning.timestamp(), sql)
        for later, what, which, asked in happening:
            world.now += later * 60
            member = MEMBERS[which % len(MEMBERS)]
            if what == "reserve":
                reserved(world, member, asked)
            elif what == "limits":
                world.policy = set_by_admins[which % len(set_by_admins)]
            elif what == "grant":
                world.granted[member] = world.granted.get(member, 0) + asked.images
            elif world.charges:
                number = which % len(world.charges)
                made = asked.images if what == "settle" else 0
                world.change(number, settle(world.charges[number], made))
        assert all(
            sum(
                one.from_grants for one in world.charges if (one.server_id, one.user_id) == (who.server_id, who.user_id)
            )
            <= world.granted.get(who, 0)
            for who in MEMBERS
        )


@given(policies, st.sampled_from(BEGINNINGS), st.lists(st.tuples(st.sampled_from(MEMBERS[:3]), asks), min_size=2))
def test_decisions_that_are_out_of_date_never_pass_a_limit(policy, beginning, asked):
    """All of them are decided before any is written, as many processes would: the checks hold them back."""
    now = beginning.timestamp()
    with closing(SqlLedger()) as sql:
        world = World(policy, now, sql, granted=dict.fromkeys(MEMBERS, 3))
        decisions = [(who, ask, decide(policy, world.usage(who), ask, who, now)) for who, ask in asked]
        for number, (who, ask, decision) in enumerate(decisions):
            if not isinstance(decision, Allowed):
                continue
            charge = reserve(f"job-{number}", ask, who, decision, now)
            possible = allowed_by_hand(world, who, ask.images, ask.price)
            written = sql.insert(charge, decision.checks)
            assert possible or not written
            if written:
                world.charges.append(charge)
            elif possible:  # it would be allowed with more from the grants: deciding anew finds that out
                fresh = decide(policy, world.usage(who), ask, who, now)
                charge = replace(charge, from_grants=fresh.from_grants)
                assert sql.insert(charge, fresh.checks)
                world.charges.append(charge)


@given(policies, st.sampled_from(MEMBERS), asks, st.lists(asks, max_size=4), st.integers(0, 9))
def test_a_refund_leaves_everything_as_if_nothing_had_been_asked(policy, member, asked, before, granted):
    now = BEGINNINGS[0].timestamp()
    charges: list[Charge] = []

    def usage():
        return QuotaUsage(counts=usage_of(charges, usage_queries(policy, member, now)), granted=granted)

    for number, ask in enumerate(before):
        if isinstance(decision := decide(policy, usage(), ask, member, now), Allowed):
            charges.append(settle(reserve(str(number), ask, member, decision, now), ask.images))
    decision, untouched = decide(policy, usage(), asked, member, now), usage()
    if not isinstance(decision, Allowed):
        return
    charges.append(reserve("asked", asked, member, decision, now))
    charges[-1] = refund(charges[-1])
    assert usage() == untouched
    assert decide(policy, usage(), asked, member, now) == decision


@given(st.integers(0, 20), st.integers(0, 5), st.data())
def test_what_is_made_counts_against_the_allowance_before_it_counts_against_grants(images, price, data):
    from_grants = data.draw(st.integers(0, images * price))
    made = data.draw(st.integers(0, 25))
    charge = Charge(
        job_id="j", server_id=1, user_id=1, at=0, model="m", price=price, images=images, from_grants=from_grants
    )
    settled = settle(charge, made)
    assert settled.amount == min(made, images) * price
    assert 0 <= settled.from_grants <= from_grants
    from_allowance, reserved_there = settled.amount - settled.from_grants, charge.amount - from_grants
    assert from_allowance == min(settled.amount, reserved_there)


@given(policies, st.sampled_from(MEMBERS), asks, st.sets(st.sampled_from([1, 2])), st.booleans())
def test_where_the_operator_has_closed_nothing_is_allowed(policy, member, asked, servers, personal):
    ceilings = Ceilings(servers=frozenset(servers), personal=personal)
    policy = replace(policy, ceilings=ceilings)
    now = BEGINNINGS[0].timestamp()
    decision = decide(policy, QuotaUsage(counts=usage_of([], usage_queries(policy, member, now))), asked, member, now)
    closed = not personal if member.server_id == PERSONAL else member.server_id not in servers
    assert isinstance(decision, Closed) == closed
