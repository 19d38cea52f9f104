"""The settings of the local Discord."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class DiscordSettings:
    """All times are in seconds, all sizes in bytes. ../discord/README.md describes each setting."""

    interaction_window: float = 3.0
    token_life: float = 900.0
    heartbeat_interval: float = 41.25
    rate_limits: bool = True
    latency: float = 0.0
    link_life: float = 24 * 3600.0
    message_content: bool = False
    message_content_refused: bool = False
    replies_to_commands_read: bool = True  # disputed: api-docs #5395, and Discord's page of June 2026
    role_mentions_read: bool = False  # no source says whether a mention of the bot's role reveals a message
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
