"""What poolers and hosts' proxies mean: they use one SQLSTATE for many errors, which only their texts tell apart.

Sources: PgBouncer's client.c, server.c and janitor.c; Supavisor's error messages; Neon's proxy.
"""

from __future__ import annotations

import re

_PGBOUNCERS = "08P01"
_SHARED = (_PGBOUNCERS, "08006", "XX000")  # the others are Neon's and Supavisor's


_OPTION = (
    "A pooler refuses this: remove the option from the address, or name it in the pooler's "
    "ignore_startup_parameters; or use the address of the database itself."
)
_MAX_CLIENTS = "Raise the pooler's limit on clients (PgBouncer: max_client_conn), or let fewer processes use it."
_POOL_SIZE = "Raise the pooler's default_pool_size: each process of the bot uses up to 4 connections."
_BEHIND = "Check that the server behind the pooler runs, and that the pooler can reach it."
_ACCESS = "Check its user and password, also in the pooler's auth_file or auth_query and its pg_hba rules."
_SUPABASE_FULL = (
    "Use the pooler's port for transactions (Supabase: 6543 in place of 5432), or raise its pool size in the project's "
    "database settings."
)
_PROJECT = (
    "At a pooler of Supabase, the user has the project's id, as in postgres.abcdefgh, and the host is the one of the "
    "project's region: copy the address from the project's page."
)
_ASLEEP = "Wait until the host has started the database; if it was disabled, enable it on its page at the host."

# In lower case, the first one that is found. What isn't here is `_UNKNOWN`, but only with PgBouncer's SQLSTATE.
_TABLE: tuple[tuple[str, str], ...] = (
    ("unsupported startup parameter", _OPTION),
    (
        r"statement pooling|transaction pooling|pool(ing)? mode|not allowed in transaction",
        "Set the pooler's pool_mode to transaction or session.",
    ),
    (
        r"no such database|database .*does not exist",
        "Correct the database's name, or add it to the pooler's [databases].",
    ),
    (r"(tenant|user)\W.*not found|no tenant identifier|external_id", _PROJECT),
    (
        r"endpoint id is not specified|endpoint could not be found",
        "Copy the address from the database's page at its host.",
    ),
    (r"no such user|auth\w*\b.* (failed|error)|login rejected|wrong password|not allowed$", _ACCESS),
    (r"ssl (is )?required|ssl connection is required", "Add ?sslmode=require to the address."),
    (r"allow_list|ip .*not allowed", "Allow this machine's address in the project's network restrictions."),
    (r"database .*(is disabled|not allow)", "Allow it again in the pooler's console, as with: ENABLE bot;"),
    (r"control plane|compute node|acquir\w+ .*permit|endpoint .*disabled", _ASLEEP),
    (r"session mode|emaxconnsession", _SUPABASE_FULL),
    (r"max_client_conn|max client|too many .*connection|max_(db|user)_client", _MAX_CLIENTS),
    (r"query_wait_timeout|max_(db|user)_connections|check ?out", _POOL_SIZE),
    (r"quota|exceeded the limit", "Raise the limit of the project at its host, or wait until it is reset."),
    (r"server.login|cannot connect|connect (failed|timeout)|server (conn|down)|database system is", _BEHIND),
)
_UNKNOWN = "Look at the pooler's log, if there is a pooler."


def pooler_hint(state: str, text: str) -> str | None:
    """Return what the operator can do about an error with this SQLSTATE and text; None if it isn't a pooler's."""
    if state not in _SHARED:
        return None
    text = " ".join(text.lower().split())
    known = next((hint for pattern, hint in _TABLE if re.search(pattern, text)), None)
    return known or (_UNKNOWN if state == _PGBOUNCERS else None)
