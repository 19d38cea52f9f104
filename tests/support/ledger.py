"""The ledger in SQL, as small as it can be: what `studio.quota.decide` says of checks, done by a real database."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from studio.quota.ledger import Charge, Measure, Meter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from studio.quota.decide import Check

_SQL = {
    Measure.CREDITS: "sum(amount)",
    Measure.ALLOWANCE: "sum(amount - from_grants)",
    Measure.GRANTS: "sum(from_grants)",
    Measure.RUNNING: "sum(not settled)",
    Measure.NEWEST: "max(case when images > 0 then at end)",
}
_COLUMNS = ("job_id", "server_id", "user_id", "at", "model", "price", "images", "amount", "from_grants", "settled")


class SqlLedger:
    """Charges in an SQLite of their own."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        self._db.execute(f"CREATE TABLE charges ({', '.join(_COLUMNS)})")

    def insert(self, charge: Charge, checks: Iterable[Check]) -> bool:
        """In one statement: the charge, if every check holds."""
        wheres, values = [], []
        for check in checks:
            query, parameters = _select(check.meter)
            wheres.append(f"({query}) + ? <= ?")
            values += [*parameters, check.adds, check.most]
        where = " AND ".join(wheres) or "true"
        places = ", ".join("?" * len(_COLUMNS))
        cursor = self._db.execute(f"INSERT INTO charges SELECT {places} WHERE {where}", [*_row(charge), *values])
        return cursor.rowcount == 1

    def save(self, charge: Charge) -> None:
        sets = ", ".join(f"{name} = ?" for name in _COLUMNS)
        statement = f"UPDATE charges SET {sets} WHERE job_id = ?"  # noqa: S608 - every name is one of ours
        self._db.execute(statement, [*_row(charge), charge.job_id])

    def read(self, meters: Iterable[Meter]) -> dict[Meter, float]:
        return {meter: self._db.execute(*_select(meter)).fetchone()[0] for meter in meters}

    def close(self) -> None:
        self._db.close()


def _row(charge: Charge) -> list[object]:
    return [getattr(charge, name) for name in _COLUMNS]


def _select(meter: Meter) -> tuple[str, list[float]]:
    named = {name: value for name, value in meter.scope._asdict().items() if value is not None}
    wheres = " AND ".join(["at >= ?", *(f"{name} = ?" for name in named)])
    query = f"SELECT coalesce({_SQL[meter.measure]}, 0) FROM charges WHERE {wheres}"  # noqa: S608 - likewise
    return query, [meter.since, *named.values()]
