"""What DATABASE_URL accepts: addresses as hosts and other programs write them, also with several servers."""

from __future__ import annotations

import re

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from infra.config.display import HOST, PASSWORD

_POSTGRESQL, _SQLITE = "postgresql+asyncpg", "sqlite+aiosqlite"
_BARE_AT = "its user or password has an “@”; in a URL, write @ as %40, / as %2F, # as %23, ? as %3F and % as %25"
# Scheme, as operators, hosting providers and other programs write it -> SQLAlchemy's name of the bot's driver.
_DRIVERS = {
    "sqlite": _SQLITE,
    "sqlite+pysqlite": _SQLITE,
    _SQLITE: _SQLITE,
    "postgres": _POSTGRESQL,
    "postgresql": _POSTGRESQL,
    "postgresql+pg8000": _POSTGRESQL,
    "postgresql+psycopg": _POSTGRESQL,
    "postgresql+psycopg_async": _POSTGRESQL,
    "postgresql+psycopg2": _POSTGRESQL,
    _POSTGRESQL: _POSTGRESQL,
}
_HOSTS = re.compile(
    rf"(?P<user>[\w+]+://(?:[^:/]*(?::[^@]*)?@)?)(?P<hosts>{HOST}(?:,{HOST})+)(?P<path>/[^?]*)?(?:\?(?P<query>.*))?",
    re.IGNORECASE,
)


def check_database_url(value: str) -> str:
    """The URL with SQLAlchemy's driver name. Several servers become parameters: SQLAlchemy has one host and port."""
    if not value.isprintable():
        escape = r". In .env, write a value with \ in single quotes"
        raise ValueError(f"it contains a line break or another control character{escape}")
    url = _parsed(value)
    driver = _DRIVERS.get(url.drivername.lower())
    if driver is None:
        raise ValueError(f"{url.drivername}:// is not supported; use sqlite+aiosqlite:// or postgresql://")
    if driver == _SQLITE and url.database in {None, "", ":memory:"}:
        raise ValueError("it names no file, so that every restart would lose all jobs and charges; name one")
    if driver == _POSTGRESQL and "@" in f"{url.host}{url.database}":
        raise ValueError(_BARE_AT)
    if driver == _POSTGRESQL and not url.database:
        raise ValueError(_BARE_AT if value.count("@") > 1 else "the name of the database is missing")
    if any(PASSWORD.fullmatch(f"{name}=") for name in url.query):
        raise ValueError("the password is after the “?”; put it before the host")
    same = driver == url.drivername and not _HOSTS.fullmatch(value)
    return value if same else url.set(drivername=driver).render_as_string(hide_password=False)


def _parsed(value: str) -> URL:
    try:
        return make_url(_with_hosts_as_parameters(value))
    except (ArgumentError, ValueError):  # ValueError: the port is not a number
        raise ValueError(_BARE_AT if value.count("@") > 1 else "it is not a database URL") from None


def _with_hosts_as_parameters(value: str) -> str:
    parts = _HOSTS.fullmatch(value)
    if parts is None:
        return value
    parameters = [*(f"host={host}" for host in parts["hosts"].split(",")), *filter(None, [parts["query"]])]
    return f"{parts['user']}{parts['path'] or ''}?{'&'.join(parameters)}"
