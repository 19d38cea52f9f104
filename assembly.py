"""The parts, plugged into one another: the one place that knows all of them."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from cogs.alerts import Alerts
from cogs.client import StudioBot
from cogs.delivery import Presenter
from cogs.desk import Desk
from cogs.edit import Edit
from cogs.extract import Extract
from cogs.guild_log import GuildLog
from cogs.help.cog import Help
from cogs.help.welcome import Welcome
from cogs.imagine import Imagine
from cogs.interpreter import Interpreter
from cogs.me import Me
from cogs.messages.cog import Messages
from cogs.messages.reader import MessageReader
from cogs.operator import Operator
from cogs.owners import Owners
from cogs.quota import Quota
from cogs.quota_admin import QuotaAdmin
from cogs.quota_changes import QuotaChanges
from cogs.quota_reports import QuotaReports
from cogs.results import Results
from cogs.settings import Settings as AdminSettings
from cogs.single_request import observed
from infra import charts
from infra.archive import Archive
from infra.audit import entries
from infra.export import sheet_of
from infra.guild_store import GuildStore
from infra.identify import IdentifyTurns
from infra.ledger_reports import LedgerReports
from infra.metrics import Metrics
from infra.operations import Operations
from infra.quota_store import QuotaStore
from infra.shared_state import SharedState
from infra.store import JobStore, PreferenceStore, SyncedCommands
from seedream.callbacks import callback_url
from studio import quota_admin
from studio.api_memory import ApiMemory
from studio.defaults import Defaults
from studio.editing import Look
from studio.jobs import Path
from studio.paths import Delivery
from studio.service import ImageService

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from discord.ext import commands
    from sqlalchemy.ext.asyncio import AsyncEngine

    from infra.export import Sheet
    from infra.leases import Leases
    from infra.pictures import PictureStore
    from infra.settings import Settings
    from seedream import SeeDreamClient
    from studio.windows import Bounds

READY_TIMEOUT_SECONDS = 0.5  # how long to wait for one more server before being ready


class Assembly:
    """The parts, plugged into one another; nothing is opened here, and nothing waits."""

    def __init__(
        self, settings: Settings, engine: AsyncEngine, leases: Leases, pictures: PictureStore, api: SeeDreamClient
    ) -> None:
        self._settings = settings
        self._engine = engine
        self.metrics = Metrics(time.time)
        self._quotas = QuotaStore(engine, settings.ceilings, time.time)
        self._guilds = GuildStore(engine, time.time, self._quotas.forget)  # a policy is in their time zone
        self._archive = Archive(engine, time.time, retention_days=settings.retention_days)
        shared = SharedState(engine)
        self.memory = ApiMemory(shared, api.wire_ids, time.time, address=settings.api_address)
        sharded = settings.shards or settings.shard_count
        self.bot = StudioBot(
            self._cogs,
            SyncedCommands(engine),
            self._logged_in,
            leases,
            Interpreter(self._guilds),
            offered=self.memory.offered,
            gate=IdentifyTurns(leases) if sharded else None,
            shard_count=settings.shard_count if sharded else 1,
            shard_ids=settings.shard_ids,
            operator_server=settings.operator_server,
            guild_ready_timeout=READY_TIMEOUT_SECONDS,
            http_trace=observed(self.metrics.discord_trace()),
        )
        self._owners = Owners(self.bot)
        self._guild_log = GuildLog(self.bot)
        self._presenter = Presenter(self.bot, pictures, time.time)
        self.memory.changed = self.bot.refresh_commands
        self.service = ImageService(
            store=JobStore(engine),
            quotas=self._quotas,
            leases=leases,
            shared=shared,
            archive=self._archive,
            alerts=Alerts(
                self.bot,
                self._owners,
                self._guilds,
                self._guild_log,
                provider=settings.provider,
                server=settings.operator_server,
            ),
            api=api,
            pictures=pictures,
            presenter=self._presenter,
            links=self._presenter,
            memory=self.memory,
            delivery=_delivery(settings),
            meter=self.metrics,
            clock=time.time,
            process=leases.holder,
            max_in_flight=settings.max_in_flight,
            max_age=settings.job_max_age,
            inline=settings.image_input == "base64",
            callback_url=_callback_url(settings),
        )
        self.metrics.watch(queue_length=lambda: self.service.waiting, in_flight=lambda: self.service.running)

    async def _logged_in(self) -> None:
        await self.service.start()

    def _cogs(self, bot: StudioBot) -> Sequence[commands.Cog]:
        desk = Desk(
            self.service,
            self._presenter,
            PreferenceStore(self._engine),
            self._guilds,
            usual=self._usual,
            prices=self._settings.ceilings.prices,
            clock=time.monotonic,
        )
        reader, help_ = MessageReader(bot, self.service), Help(bot, desk)
        return (
            Imagine(desk, model=self._settings.default_model),
            Messages(bot, desk, reader, help_.card_for),
            Edit(bot, desk, reader),
            Extract(bot, desk, reader),
            Results(bot, desk),
            Me(bot, desk, self._archive),
            Quota(bot, desk),
            help_,
            Welcome(bot, self.service),
            AdminSettings(bot, self._guilds, self._guild_log, usual=self._usual),
            self._quota_admin(bot),
            self._operator(bot),
        )

    def _usual(self) -> Defaults:
        """What the operator chose, of what the service takes now."""
        look = Look(model=self._settings.default_model, size=self._settings.default_size)
        offered = self.memory.offered()
        return Defaults(look=look, watermark=self._settings.watermark, offered=offered, models=offered)

    def _quota_admin(self, bot: StudioBot) -> QuotaAdmin:
        ledger = LedgerReports(self._engine)
        admin = quota_admin.QuotaAdmin(self._quotas, ledger, time.time)

        async def sheet(server_id: int, bounds: Bounds, names: Mapping[int, str], *, most_bytes: int) -> Sheet:
            return await sheet_of(ledger.charges(server_id, bounds), names, most_bytes=most_bytes)

        reports = QuotaReports(admin, charts, sheet, partial(entries, self._engine))
        return QuotaAdmin(bot, admin, QuotaChanges(admin, self._guilds, self._guild_log), reports)

    def _operator(self, bot: StudioBot) -> Operator:
        operations = Operations(
            self._engine,
            time.time,
            waiting=lambda: self.service.waiting,
            running=lambda: self.service.running,
            api_errors=self.metrics.api_errors,
        )
        provider, server = self._settings.provider, self._settings.operator_server
        return Operator(bot, self._owners, self.service, operations, time.time, provider=provider, server=server)


def _delivery(settings: Settings) -> Delivery:
    forced = None if settings.delivery == "auto" else Path(settings.delivery)
    return Delivery(provider=settings.provider, reachable=bool(settings.public_url), forced=forced)


def _callback_url(settings: Settings) -> Callable[[str], str] | None:
    """A job's own address; None where the service can't reach us."""
    if not settings.public_url or settings.secret_key is None:
        return None
    secret = settings.secret_key.get_secret_value()
    return lambda job_id: callback_url(settings.public_url, job_id, secret)
