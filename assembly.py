"""Connects the parts: gives each what its ports ask for. No other module knows them all.

Nothing is opened, started or awaited here: see `bot.py`.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from cogs.client.bot import StudioBot
from cogs.client.discord_clock import DiscordClock
from cogs.compare.cog import Compare
from cogs.delivery.guild_log import GuildLog
from cogs.delivery.presenter import DiscordPresenter
from cogs.delivery.single_request import observed
from cogs.editing.cog import Edit
from cogs.extraction.cog import Extract
from cogs.help.cog import Help
from cogs.help.welcome import Welcome
from cogs.i18n.locale import LocaleTranslator
from cogs.ideas.cog import Ideas
from cogs.imagine.cog import Imagine
from cogs.me.cog import Me
from cogs.messages.cog import Messages
from cogs.messages.reader import MessageReader
from cogs.operator.alerts import OperatorAlerts
from cogs.operator.cog import Operator
from cogs.operator.owners import Owners
from cogs.quota.cog import Quota
from cogs.quota_admin.changes import QuotaChanges
from cogs.quota_admin.cog import QuotaAdmin
from cogs.quota_admin.reports import QuotaReports
from cogs.requests.image_checks import ImageChecks
from cogs.requests.submission import RequestSubmitter
from cogs.results.cog import Results
from cogs.settings.cog import ServerSettings
from infra.db.identify import IdentifyTurns
from infra.db.shared_state import SqlSharedState
from infra.reports import charts
from infra.reports.export import ledger_csv
from infra.reports.ledger import LedgerReports
from infra.stores.audit import entries
from infra.stores.guilds import SqlGuildStore
from infra.stores.jobs import SqlJobStore
from infra.stores.operations import SqlOperations
from infra.stores.preferences import SqlPreferenceStore
from infra.stores.quota import SqlQuotaStore
from infra.stores.retention import SqlRetention
from infra.stores.synced_commands import SqlSyncedCommands
from infra.web.metrics import Metrics
from seedream.callbacks import callback_url
from studio.jobs.api_memory import ApiMemory
from studio.jobs.paths import Delivery
from studio.jobs.ports import JobPorts
from studio.jobs.service import ImageService
from studio.jobs.states import Path
from studio.members.defaults import Defaults
from studio.quota.admin import QuotaAdministration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import discord
    from discord.ext import commands
    from sqlalchemy.ext.asyncio import AsyncEngine

    from infra.config.settings import Settings
    from infra.db.leases import SqlLeases
    from infra.images.spool import PictureStore
    from infra.reports.export import LedgerCsv
    from seedream import SeeDreamClient
    from studio.jobs.ports import ImageLooks
    from studio.quota.windows import Bounds

READY_TIMEOUT_SECONDS = 0.5  # without another server arriving, until the bot counts as ready


class Assembly:
    """The connected parts of one process."""

    def __init__(
        self,
        settings: Settings,
        engine: AsyncEngine,
        leases: SqlLeases,
        pictures: PictureStore,
        looks: ImageLooks,
        api: SeeDreamClient,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._images = ImageChecks(looks)
        self._clock = DiscordClock()
        self.metrics = Metrics(self._clock)
        self._quotas = SqlQuotaStore(engine, settings.ceilings, self._clock)
        self._guilds = SqlGuildStore(
            engine, self._clock, self._quotas.forget
        )  # a policy contains the server's time zone
        self._retention = SqlRetention(engine, self._clock, retention_days=settings.retention_days)
        shared = SqlSharedState(engine)
        self.memory = ApiMemory(shared, api.wire_ids, self._clock, address=settings.api_address)
        self.bot = self._build_bot(settings, engine, leases)
        for event in ("on_interaction", "on_message"):
            self.bot.add_listener(self._saw, event)
        self._owners = Owners(self.bot)
        self._guild_log = GuildLog(self.bot)
        self._presenter = DiscordPresenter(self.bot, pictures, self._clock)
        self.memory.changed = self.bot.refresh_commands
        self.service = self._build_service(settings, engine, leases, shared, pictures, api)
        self.metrics.watch(queue_length=lambda: self.service.waiting, in_flight=lambda: self.service.running)

    def _build_bot(self, settings: Settings, engine: AsyncEngine, leases: SqlLeases) -> StudioBot:
        sharded = settings.shards or settings.shard_count
        return StudioBot(
            self._cogs,
            SqlSyncedCommands(engine),
            self._logged_in,
            leases,
            LocaleTranslator(self._guilds),
            clock=self._clock,
            offered=self.memory.offered,
            proxies=settings.proxies,
            gate=IdentifyTurns(leases) if sharded else None,
            shard_count=settings.shard_count if sharded else 1,
            shard_ids=settings.shard_ids,
            operator_server=settings.operator_server,
            guild_ready_timeout=READY_TIMEOUT_SECONDS,
            http_trace=self._clock.watch(observed(self.metrics.discord_trace())),
        )

    def _build_service(
        self,
        settings: Settings,
        engine: AsyncEngine,
        leases: SqlLeases,
        shared: SqlSharedState,
        pictures: PictureStore,
        api: SeeDreamClient,
    ) -> ImageService:
        ports = JobPorts(
            store=SqlJobStore(engine),
            quotas=self._quotas,
            guilds=self._guilds,
            leases=leases,
            shared=shared,
            retention=self._retention,
            alerts=self._build_alerts(settings),
            api=api,
            pictures=pictures,
            presenter=self._presenter,
            links=self._presenter,
            metrics=self.metrics,
            clock=self._clock,
        )
        return ImageService(
            ports,
            self.memory,
            _delivery(settings),
            process=leases.holder,
            max_in_flight=settings.max_in_flight,
            max_age=settings.job_max_age,
            inline=settings.image_input == "base64",
            callback_url=_callback_url(settings),
        )

    def _build_alerts(self, settings: Settings) -> OperatorAlerts:
        return OperatorAlerts(
            self.bot,
            self._owners,
            self._guilds,
            self._guild_log,
            provider=settings.provider,
            server=settings.operator_server,
        )

    async def _saw(self, received: discord.Interaction | discord.Message) -> None:
        self._clock.saw_id(received.id)

    async def _logged_in(self) -> None:
        await self.service.start()

    def _cogs(self, bot: StudioBot) -> Sequence[commands.Cog]:
        submitter = RequestSubmitter(
            self.service,
            self._presenter,
            SqlPreferenceStore(self._engine),
            operator_defaults=self._usual,
            prices=self._settings.ceilings.prices,
            images=self._images,
            clock=time.monotonic,
        )
        ideas = Ideas(bot, submitter)
        reader, help_ = MessageReader(bot, self.service, self._images), Help(bot, submitter, ideas)
        return (
            Imagine(submitter, ideas, model=self._settings.default_model),
            ideas,
            Compare(bot, submitter, ideas),
            Messages(bot, submitter, reader, help_.card_for, ideas),
            Edit(bot, submitter, reader, ideas),
            Extract(bot, submitter, reader),
            Results(bot, submitter, ideas),
            Me(bot, submitter, self._retention),
            Quota(bot, submitter),
            help_,
            Welcome(bot, self.service),
            ServerSettings(bot, self._guilds, self._guild_log, usual=self._usual),
            self._quota_admin(bot),
            self._operator(bot),
        )

    def _usual(self) -> Defaults:
        """The operator's defaults, and the models that the service accepts now."""
        offered = self.memory.offered()
        return Defaults(
            model=self._settings.default_model,
            size=self._settings.default_size,
            watermark=self._settings.watermark,
            offered=offered,
            models=offered,
        )

    def _quota_admin(self, bot: StudioBot) -> QuotaAdmin:
        ledger = LedgerReports(self._engine)
        admin = QuotaAdministration(self._quotas, ledger, self._clock)

        async def sheet(server_id: int, bounds: Bounds, names: Mapping[int, str], *, most_bytes: int) -> LedgerCsv:
            return await ledger_csv(ledger.charges(server_id, bounds), names, max_bytes=most_bytes)

        reports = QuotaReports(admin, charts, sheet, partial(entries, self._engine))
        return QuotaAdmin(bot, admin, QuotaChanges(admin, self._guilds, self._guild_log), reports)

    def _operator(self, bot: StudioBot) -> Operator:
        operations = SqlOperations(
            self._engine,
            self._clock,
            waiting=lambda: self.service.waiting,
            running=lambda: self.service.running,
            api_errors=self.metrics.api_errors,
        )
        provider, server = self._settings.provider, self._settings.operator_server
        return Operator(
            bot,
            self._owners,
            self.service,
            operations,
            self._clock,
            provider=provider,
            server=server,
            daily_limit=self._settings.operator_daily_limit,
        )


def _delivery(settings: Settings) -> Delivery:
    forced = None if settings.delivery == "auto" else Path(settings.delivery)
    return Delivery(provider=settings.provider, reachable=bool(settings.public_url), forced=forced)


def _callback_url(settings: Settings) -> Callable[[str], str] | None:
    """Job id -> the URL for its callbacks; None without PUBLIC_URL."""
    if not settings.public_url or settings.secret_key is None:
        return None
    secret = settings.secret_key.get_secret_value()
    return lambda job_id: callback_url(settings.public_url, job_id, secret)
