"""The ledger in SQL: reads usage, and inserts a charge only if its checks hold.

A statement is built once per shape: which measures, over which kinds of scopes. Tests compare it with a pure model.
One statement inserts the charge where every check still holds. On PostgreSQL, advisory locks are taken first, one per
server, one per member for what counts in all servers, and one for the whole bot; SQLite has one writer anyway.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    and_,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal_column,
    select,
    true,
    union_all,
    update,
)

from infra.db.tables import CHARGES, GRANTS
from studio.quota.ledger import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import CompoundSelect, Insert, Select

    from infra.db.group_commit import Change
    from studio.quota.decide import Check
    from studio.quota.ledger import Charge, UsageQuery
    from studio.quota.limits import Member

_CHARGES = CHARGES.c
AMOUNT = _CHARGES.images * _CHARGES.price
_SUMS = {
    Measure.CREDITS: AMOUNT,
    Measure.ALLOWANCE: AMOUNT - _CHARGES.from_grants,
    Measure.GRANTS: _CHARGES.from_grants,
}
_NONE: ColumnElement[Any] = literal_column("0")  # a literal, because a partial index isn't used for a parameter

SUMMED = (Measure.CREDITS, Measure.ALLOWANCE)  # sums over all charges of a scope: slow where there are many
GRANTED = -1
WHOLE_BOT = -1  # the lock for limits on the whole bot: any number that isn't an id
_INSERT = insert(CHARGES)

# The allowance keeps paying for what was made; only the rest comes from grants.
_MADE = case((bindparam("made") < _CHARGES.images, bindparam("made")), else_=_CHARGES.images)
_FROM_ALLOWANCE = AMOUNT - _CHARGES.from_grants
_BEYOND = _MADE * _CHARGES.price - _FROM_ALLOWANCE
SETTLE = (
    update(CHARGES)
    .where(CHARGES.c.job_id == bindparam("charged"), ~CHARGES.c.settled)
    .values(images=_MADE, from_grants=case((_BEYOND > 0, _BEYOND), else_=0), settled=true())
)


class _Shape(NamedTuple):
    """The part of a query that the statement's text depends on."""

    measure: Measure
    of_server: bool
    of_user: bool


def _shape(usage_query: UsageQuery) -> _Shape:
    return _Shape(usage_query.measure, usage_query.scope.server_id is not None, usage_query.scope.user_id is not None)


def _conditions(shape: _Shape, number: int) -> list[ColumnElement[bool]]:
    """The conditions for the charges of a query. `number`: of its parameters."""
    wheres: list[ColumnElement[bool]] = [_CHARGES.at >= bindparam(f"since_{number}", type_=Double())]
    if shape.of_server:
        wheres.append(_CHARGES.server_id == bindparam(f"server_{number}", type_=BigInteger()))
    if shape.of_user:
        wheres.append(_CHARGES.user_id == bindparam(f"user_{number}", type_=BigInteger()))
    return wheres


def _result(shape: _Shape, number: int) -> ColumnElement[Any]:
    """A query's result as an expression. `number`: of its parameters."""
    wheres = _conditions(shape, number)
    match shape.measure:
        case Measure.RUNNING:
            query = select(func.count()).where(~_CHARGES.settled, *wheres)
        case Measure.NEWEST:  # one step down an index; a conditional max() would read all
            query = select(_CHARGES.at).where(_CHARGES.images > _NONE, *wheres).order_by(_CHARGES.at.desc()).limit(1)
        case Measure.GRANTS:
            query = select(func.sum(_CHARGES.from_grants)).where(_CHARGES.from_grants > _NONE, *wheres)
        case measure:
            query = select(func.sum(_SUMS[measure])).where(*wheres)
    unit: Any = Double() if shape.measure is Measure.NEWEST else BigInteger()
    return func.coalesce(cast(query.select_from(CHARGES).scalar_subquery(), unit), cast(_NONE, unit))


def _values(queries: Sequence[UsageQuery]) -> dict[str, float]:
    values: dict[str, float] = {}
    for number, usage_query in enumerate(queries):
        values[f"since_{number}"] = float(usage_query.since)
        if usage_query.scope.server_id is not None:
            values[f"server_{number}"] = usage_query.scope.server_id
        if usage_query.scope.user_id is not None:
            values[f"user_{number}"] = usage_query.scope.user_id
    return values


# --- reading ----------------------------------------------------------------------------------------------------------


def reading(queries: Sequence[UsageQuery], member: Member) -> tuple[CompoundSelect[Any], dict[str, float]]:
    """A row per query: its number, its result, and how many charges it sums. Number GRANTED is the member's grants."""
    values = {"granted_server": member.server_id, "granted_user": member.user_id}
    return _reading(tuple(map(_shape, queries))), _values(queries) | values


@lru_cache(maxsize=256)
def _reading(shapes: tuple[_Shape, ...]) -> CompoundSelect[Any]:
    granted = select(func.sum(GRANTS.c.amount)).where(
        GRANTS.c.server_id == bindparam("granted_server", type_=BigInteger()),
        GRANTS.c.user_id == bindparam("granted_user", type_=BigInteger()),
    )
    numbered = [(number, *_counted(shape, number)) for number, shape in enumerate(shapes)]
    numbered.append((GRANTED, granted.scalar_subquery(), _NONE, None))
    rows = []
    for number, result, charges, wheres in numbered:
        columns: tuple[ColumnElement[Any], ...] = (
            literal_column(str(number)).label("number"),
            func.coalesce(cast(result, Double()), cast(_NONE, Double())).label("result"),
            cast(charges, BigInteger()).label("charges"),
        )
        rows.append(select(*columns) if wheres is None else select(*columns).select_from(CHARGES).where(*wheres))
    return union_all(*rows)


def _counted(shape: _Shape, number: int) -> tuple[ColumnElement[Any], ColumnElement[Any], Sequence[Any] | None]:
    """A query's result, how many charges it sums, and their conditions; None if the result is a scalar."""
    if shape.measure in SUMMED:
        return func.sum(_SUMS[shape.measure]), func.count(), _conditions(shape, number)
    return _result(shape, number), _NONE, None


# The time before which charges don't change any more: that of the oldest running one, or the horizon.
# (at + 0 keeps the planner from searching all charges by time, from the oldest on.)
_HORIZON: ColumnElement[float] = bindparam("horizon", type_=Double())
_OLDEST = select(func.min(_CHARGES.at + _NONE)).where(~_CHARGES.settled).scalar_subquery()
_FRONTIER = select(case((_OLDEST < _HORIZON, _OLDEST), else_=_HORIZON).label("at")).cte("frontier")


def settled_total(usage_query: UsageQuery, horizon: float) -> tuple[Select[Any], dict[str, float]]:
    """One row for a query in SUMMED: the total that doesn't change any more, and until when; at most `horizon`."""
    return _settled_total(_shape(usage_query)), {**_values([usage_query]), "horizon": horizon}


@lru_cache(maxsize=64)
def _settled_total(shape: _Shape) -> Select[Any]:
    until = select(_FRONTIER.c.at).scalar_subquery()
    total = select(func.sum(_SUMS[shape.measure])).where(*_conditions(shape, 0), _CHARGES.at < until).scalar_subquery()
    return select(cast(func.coalesce(total, _NONE), BigInteger()).label("total"), until.label("until"))


# --- writing ----------------------------------------------------------------------------------------------------------


def reserving(charge: Charge, checks: Sequence[Check]) -> Change:
    """An insert of a charge that matches no row if a check fails."""
    row = asdict(charge)
    if not checks:
        return _INSERT, row
    statement = _reserving(tuple(_shape(check.usage_query) for check in checks))
    values = {f"new_{name}": value for name, value in row.items()}
    values |= _values([check.usage_query for check in checks])
    for number, check in enumerate(checks):
        number_of = float if check.usage_query.measure is Measure.NEWEST else int
        values |= {f"adds_{number}": number_of(check.adds), f"most_{number}": number_of(check.most)}
    return statement, values


@lru_cache(maxsize=256)
def _reserving(shapes: tuple[_Shape, ...]) -> Insert:
    new = [bindparam(f"new_{column.name}", type_=column.type) for column in CHARGES.columns]
    holds = [_holds(shape, number) for number, shape in enumerate(shapes)]
    return insert(CHARGES).from_select([column.name for column in CHARGES.columns], select(*new).where(and_(*holds)))


def _holds(shape: _Shape, number: int) -> ColumnElement[bool]:
    result = _result(shape, number)
    unit = result.type
    return result + bindparam(f"adds_{number}", type_=unit) <= bindparam(f"most_{number}", type_=unit)


def locks(checks: Sequence[Check]) -> tuple[int, ...]:
    """The advisory locks that make the checks safe: of a server, of a member anywhere, of the whole bot."""
    scopes = (check.usage_query.scope for check in checks)
    return tuple(dict.fromkeys(next((one for one in scope if one is not None), WHOLE_BOT) for scope in scopes))
