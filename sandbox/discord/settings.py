"""How the local Discord is set."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Settings:
    """Times in seconds. `rate_limits`: whether there are buckets, which can run dry. `message_content`: whether the
    application has that intent switched on.

    `hide_attachments`: whether a message's `attachments` leave out what its embeds and components show.
    `unlisted_uploads`: whether an edit's components may show an upload that its `attachments` do not list. A nonce is
    remembered for `nonce_life`; files of ephemeral messages, options and modals live for `ephemeral_life`. The place's
    upload limit is reported `limit_factor` times too large, and a whole request may have `request_limit` bytes.
    An external picture of a gallery has its sides `media_delay` after its message, and a link its embed.

    `message_content_refused`: identifying with that intent is refused although the application's flags grant it.
    `replies_to_commands_read`: whether the ping of a reply to a command's response lets the bot read the reply (this
    is disputed: api-docs #5395, and Discord's page of June 2026), `role_mentions_read` whether a mention of the bot's
    managed role does (no source says so). `obfuscate_channels`: whether channels that the bot
    can't view are hidden from it. `activities`: whether the application has any, and so an Entry Point command.
    `integration_types`: what the application can be installed to. A message with one of `blocked_words` is blocked by
    AutoMod, one with one of `harmful_links` by the filter of links.

    `shards` is how many Discord asks for; `session_starts` so many a day, each bucket of `max_concurrency` one in
    `identify_interval`. A shard that would have more than `guilds_per_shard` servers may not be.
    """

    interaction_window: float = 3.0
    token_life: float = 900.0
    heartbeat_interval: float = 41.25
    rate_limits: bool = True
    latency: float = 0.0
    link_life: float = 24 * 3600.0
    message_content: bool = False
    message_content_refused: bool = False
    replies_to_commands_read: bool = True
    role_mentions_read: bool = False
    hide_attachments: bool = True
    unlisted_uploads: bool = False
    nonce_life: float = 300.0
    ephemeral_life: float = 24 * 3600.0
    limit_factor: float = 1.0
    request_limit: int = 25 * 2**20
    media_delay: float = 0.0
    obfuscate_channels: bool = False
    activities: bool = False
    integration_types: list[int] = field(default_factory=lambda: [0, 1])
    blocked_words: list[str] = field(default_factory=list)
    harmful_links: list[str] = field(default_factory=list)
    shards: int = 1
    max_concurrency: int = 1
    session_starts: int = 1000
    identify_interval: float = 5.0
    guilds_per_shard: int = 2500
