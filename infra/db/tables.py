"""The current tables. A change needs a revision in `migrations/versions/`; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)

METADATA = MetaData()

# One row per job. Parts that are only read with it (images, messages, failure) are JSON in the row, so that one
# statement moves a job from one version to the next.
JOBS = Table(
    "jobs",
    METADATA,
    Column("id", String(24), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("shown_version", Integer, nullable=False),
    Column("owner", String(64), nullable=False, server_default=""),
    Column("settled", Boolean, nullable=False, server_default=false()),
    Column("late", Boolean, nullable=False, server_default=false()),
    Column("undelivered", Boolean, nullable=False, server_default=false()),
    Column("retry_at", Double),
    Column("state", String(12), nullable=False),
    Column("path", String(12)),
    Column("task_id", Text),
    Column("trace_id", Text),
    Column("application_id", BigInteger, nullable=False),
    Column("guild_id", BigInteger),
    Column("channel_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("private", Boolean, nullable=False),
    Column("upload_limit", BigInteger, nullable=False),
    Column("token", Text, nullable=False),
    Column("token_expires", Double, nullable=False),
    Column("age_restricted", Boolean, nullable=False, server_default=false()),
    Column("reply_to", BigInteger),
    Column("token_only", Boolean, nullable=False, server_default=false()),
    Column("request", Text, nullable=False),
    Column("images", Text, nullable=False),
    Column("messages", Text, nullable=False),
    Column("first_message_id", BigInteger),
    Column("replaced", Text, nullable=False, server_default="[]"),
    Column("failure", Text),
    Column("parent", Text),
    Column("sources", Text, nullable=False, server_default="[]"),
    Column("note", Text, nullable=False, server_default=""),
    Column("spoiler", Boolean, nullable=False, server_default=false()),
    Column("place", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("spent", Integer, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("hints", Text, nullable=False, server_default="{}"),
    Column("set_slot", Text),
    Column("children", Text, nullable=False, server_default="[]"),
    Column("chosen", Text, nullable=False, server_default="[]"),
    Column("kept_until", Double),
    Column("title", Text, nullable=False, server_default=""),
    Column("label", Text, nullable=False, server_default=""),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    Column("deleted_at", Double),
    Column("dropped_at", Double),
    Column("mention", Boolean, nullable=False, server_default=false()),
    Column("mentioned_at", Double),
    Index("jobs_by_time", "created_at", "state"),
    Index("jobs_by_user", "user_id", "created_at"),
    Index("jobs_by_message", "first_message_id"),
    # However many jobs there have been, few are unsettled.
    Index("jobs_unsettled", "created_at", postgresql_where=text("NOT settled"), sqlite_where=text("settled = 0")),
    Index("jobs_undelivered", "user_id", postgresql_where=text("undelivered"), sqlite_where=text("undelivered = 1")),
    Index(
        "jobs_to_retry",
        "retry_at",
        postgresql_where=text("retry_at IS NOT NULL"),
        sqlite_where=text("retry_at IS NOT NULL"),
    ),
    Index("jobs_with_token", "token_expires", postgresql_where=text("token <> ''"), sqlite_where=text("token <> ''")),
)

# The ledger: one charge per job, see `studio.quota.ledger`. The indexes cover every sum.
CHARGES = Table(
    "charges",
    METADATA,
    Column("job_id", String(24), primary_key=True),
    Column("server_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("at", Double, nullable=False),
    Column("model", String(64), nullable=False),
    Column("price", Integer, nullable=False),
    Column("images", Integer, nullable=False),
    Column("from_grants", Integer, nullable=False),
    Column("settled", Boolean, nullable=False),
    Index("charges_by_server", "server_id", "at", "price", "images", "from_grants", "user_id", "model"),
    Index("charges_by_member", "user_id", "server_id", "at", "price", "images", "from_grants"),
    Index("charges_by_time", "at", "price", "images"),
    # A member's running charges, and those that used grants, however many charges there are.
    Index(
        "charges_running",
        "user_id",
        "server_id",
        "at",
        postgresql_where=text("NOT settled"),
        sqlite_where=text("settled = 0"),
    ),
    Index(
        "charges_granted",
        "user_id",
        "server_id",
        "at",
        "from_grants",
        postgresql_where=text("from_grants > 0"),
        sqlite_where=text("from_grants > 0"),
    ),
)

# Callbacks as the service posted them, until their job ends.
CALLBACKS = Table(
    "callbacks",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("job_id", String(24), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Double, nullable=False),
    Index("callbacks_by_job", "job_id"),
)

# Names that one process holds for a while. Each process has one for itself: a job's owner is alive while it lasts.
LEASES = Table(
    "leases",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", Double, nullable=False),
)

# Values that all processes share, see `studio.jobs.admission`.
SHARED_STATE = Table(
    "shared_state",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# Members who asked for erasure, until nothing from before `asked_at` names them.
ERASURES = Table(
    "erasures",
    METADATA,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("asked_at", Double, nullable=False),
)

# Digests of the commands last synced with Discord. `server_id`: 0 for global commands.
SYNCED_COMMANDS = Table(
    "synced_commands",
    METADATA,
    Column("application_id", BigInteger, primary_key=True, autoincrement=False),
    Column("server_id", BigInteger, primary_key=True, autoincrement=False, default=0),
    Column("digest", String(64), nullable=False),
)

# What a member chose last: their default.
PREFERENCES = Table(
    "preferences",
    METADATA,
    Column("user_id", BigInteger, primary_key=True),
    Column("model", String(64)),
    Column("size", String(32)),
    Column("ratio", String(16)),
    Column("mention", Boolean, nullable=False, server_default=false()),
)

# Limits set by a server's admins, see `studio.quota.limits`. `target_id`: 0 for everyone and for the server.
LIMITS = Table(
    "limits",
    METADATA,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("who", String(16), primary_key=True),
    Column("target_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("amount", Integer),
)

# When a target's usage was last reset.
RESETS = Table(
    "resets",
    METADATA,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("who", String(16), primary_key=True),
    Column("target_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
)

# Extra credits granted to members; negative where credits were taken back.
GRANTS = Table(
    "grants",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("server_id", BigInteger, nullable=False),
    Column("user_id", BigInteger, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("by_user_id", BigInteger, nullable=False),
    Column("at", Double, nullable=False),
    Index("grants_by_member", "server_id", "user_id"),
)

# A server's settings as one JSON value, see `studio.guilds.settings`.
GUILD_SETTINGS = Table(
    "guild_settings",
    METADATA,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("settings", Text, nullable=False),
)

# The audit log.
AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("server_id", BigInteger, nullable=False),
    Column("at", Double, nullable=False),
    Column("by_user_id", BigInteger, nullable=False),
    Column("action", String(32), nullable=False),
    Column("target", String(64), nullable=False),
    Column("before", Text),
    Column("after", Text),
    Index("audit_by_server", "server_id", "id"),
)
