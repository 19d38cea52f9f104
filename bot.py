"""The SeeDream Discord bot. Opens what it runs on, serves Discord, and closes it; `assembly.py` connects the parts.

python bot.py             serve Discord, with settings from the environment and from .env
python bot.py --init      ask for the token and the key, write .env, and check it
python bot.py --check     check settings, database, Discord and the API key, print the results, and exit
python bot.py --check --spend   also make a few pictures, which costs money; --channel ID: also check a channel
python bot.py --sandbox   run against the local Discord and SeeDream of sandbox/: no account, no key, no internet
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import io
import logging
import os
import secrets
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import discord

from assembly import Assembly
from check import Options, check
from check.new_env_file import NotCreatedError, create_env_file
from cogs.client.bot import StudioBot, use_discord_at
from cogs.client.connect_error import ConnectError
from cogs.delivery.discord_errors import discord_refusal
from infra.config.ceiling import ceiling_sentence, is_chosen
from infra.config.loading import ConfigurationError, load_settings
from infra.db.engine import InUseError, sole_user
from infra.db.errors import explain
from infra.db.leases import PROCESS, SqlLeases
from infra.db.opening import UnusableDatabaseError, usable_database
from infra.folders import SPOOL_ROOM, FolderError, try_folder
from infra.images.fetching import Route
from infra.images.looks import LinkLooks
from infra.images.spool import PictureStore
from infra.logging import configure_logging
from infra.private_files import create_only_private_files, make_private
from infra.signals import on_signals
from infra.web.callbacks import Callbacks
from infra.web.health import SAMPLE_SECONDS, Sampled, database_takes_writes
from infra.web.server import WebServer
from seedream import SeeDreamClient
from seedream.env_file import UnreadableFileError, pass_to_libraries
from seedream.troubles import describe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncEngine

    from infra.config.settings import Settings
    from infra.web.callbacks import CallbackHandler
    from infra.web.health import Probe
    from infra.web.metrics import Metrics

log = logging.getLogger(__name__)

T = TypeVar("T")

EXIT_FAILED = 1
EXIT_MISCONFIGURED = 2
EXIT_INTERRUPTED = 130
HERE = Path(__file__).resolve()


class StartError(Exception):
    """The bot can't run. The text says why and what to do."""


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set, then close everything in reverse order. Raises: StartError."""
    use_discord_at(settings.discord_api_url, settings.discord_gateway_url, settings.discord_cdn_url)
    for note in settings.notes:
        log.warning("%s", note)
    log.log(logging.INFO if is_chosen(settings) else logging.WARNING, "%s", ceiling_sentence(settings))
    make_private(settings.database_file, settings.data_dir / "spool")
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(_database(settings))
        leases = SqlLeases(engine, f"{PROCESS}{secrets.token_hex(8)}")
        if settings.database_file:  # one process at a time: whoever else has a lease is dead
            await leases.forget_others()
        route, allow_local = Route(settings.proxies, settings.trust_resolver), settings.allow_local_urls
        spool = _spool(settings, route)
        pictures = await stack.enter_async_context(spool)
        looks = await stack.enter_async_context(LinkLooks(allow_local=allow_local, route=route))
        # `ImageService` retries, not the client: a rate limit concerns all jobs.
        key = settings.seedream_api_key.get_secret_value()
        client = SeeDreamClient(
            api_key=key,
            provider=settings.provider,
            base_url=settings.api_address,
            retries=0,
            proxies=settings.proxies,
        )
        api = await stack.enter_async_context(client)
        parts = Assembly(settings, engine, leases, pictures, looks, api)
        await stack.enter_async_context(parts.bot)
        probes: dict[str, Probe] = {
            "gateway": _probe(lambda: parts.bot.connected and not parts.bot.outage.seconds),
            "database": database_takes_writes(engine),
            "spool": Sampled(spool.health.probe, seconds=SAMPLE_SECONDS),
            "queue": _probe(lambda: not stop.is_set()),
        }
        await stack.enter_async_context(_web_server(settings, parts.service, parts.metrics, probes))
        try:
            await _serve(parts.bot, settings.discord_token.get_secret_value(), stop)
        finally:
            await parts.service.close(grace=settings.grace)


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """Open the database, for this process alone if it is a file. Raises: StartError."""
    async with AsyncExitStack() as stack:
        try:
            if settings.database_file:
                stack.enter_context(sole_user(settings.database_file))
            engine = await stack.enter_async_context(usable_database(settings.database_url))
        except (InUseError, UnusableDatabaseError) as error:
            raise StartError(str(error)) from error
        except OSError as error:
            raise StartError(explain(error, settings.database_url)) from error
        yield engine


def _spool(settings: Settings, route: Route) -> PictureStore:
    """Make sure that pictures in transit can be kept. Raises: StartError."""
    folder = settings.data_dir / "spool"
    try:
        try_folder(folder, room=SPOOL_ROOM)
    except FolderError as error:
        raise StartError(f"Pictures in transit can't be kept: {error.strerror}.") from error
    return PictureStore(folder, allow_local=settings.allow_local_urls, route=route)


def _probe(is_healthy: Callable[[], bool]) -> Probe:
    async def probe() -> bool:
        return is_healthy()

    return probe


@asynccontextmanager
async def _web_server(
    settings: Settings, handler: CallbackHandler, metrics: Metrics, probes: Mapping[str, Probe]
) -> AsyncIterator[None]:
    """Listen if the settings say so.

    It closes after the service, so that callbacks for jobs that end during shutdown are accepted.
    """
    if settings.listens_at is None:
        yield
        return
    callbacks = None
    if settings.public_url and settings.secret_key is not None:
        callbacks = Callbacks(handler, secret=settings.secret_key.get_secret_value(), count=metrics.callback)
    server = WebServer(settings.web_host, settings.listens_at, metrics=metrics, probes=probes, callbacks=callbacks)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(server)
        except OSError as error:
            problem = f"WEB_HOST, WEB_PORT: can't listen at {settings.web_host}, port {settings.listens_at}"
            raise StartError(f"{problem}: {describe(error)}.") from error
        yield


async def _serve(bot: StudioBot, token: str, stop: asyncio.Event) -> None:
    serving = asyncio.create_task(bot.start(token), name="discord")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
    except discord.LoginFailure as error:
        raise StartError(
            "DISCORD_TOKEN: Discord doesn't accept it. Copy the bot's token again from "
            "https://discord.com/developers/applications, page Bot."
        ) from error
    except ConnectError as error:
        raise StartError(str(error)) from error
    except discord.HTTPException as error:
        raise StartError(discord_refusal(error)) from error
    except (aiohttp.ClientError, discord.GatewayNotFound, OSError) as error:
        raise StartError(f"Can't reach Discord: {describe(error)}.") from error
    finally:
        stopping.cancel()
        if not serving.done():
            # The connection stays open while running jobs end; closing the bot closes it.
            serving.add_done_callback(lambda task: task.cancelled() or task.exception())


def parse_arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="The SeeDream Discord bot.")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--check", action="store_true", help="check settings, database, Discord and the API key, then exit"
    )
    mode.add_argument("--init", action="store_true", help="ask for the token and the key, write .env, and check it")
    mode.add_argument(
        "--sandbox", action="store_true", help="run against a local Discord and SeeDream: no account, no key"
    )
    parser.add_argument(
        "--once", metavar="COMMAND", help="with --sandbox: run this command as a member, show the result, then exit"
    )
    live = parser.add_argument_group("with --check")
    live.add_argument("--spend", action="store_true", help="also make a few pictures, which costs money; asks first")
    live.add_argument("--channel", type=int, metavar="ID", help="with --spend: also check a Discord channel")
    live.add_argument("--yes", action="store_true", help="with --spend: don't ask first")
    live.add_argument("--out", type=Path, metavar="DIR", help="with --spend: where to save the service's answers")
    arguments = parser.parse_args(argv)
    if arguments.once is not None and not arguments.sandbox:
        parser.error("--once goes with --sandbox")
    if arguments.spend and not arguments.check:
        parser.error("--spend goes with --check")
    if not arguments.spend and (arguments.channel is not None or arguments.yes or arguments.out):
        parser.error("--channel, --yes and --out go with --check --spend")
    return arguments


def check_options(arguments: argparse.Namespace) -> Options:
    return Options(spend=arguments.spend, channel=arguments.channel, yes=arguments.yes, out=arguments.out)


async def _until_signal(settings: Settings) -> None:
    stop = asyncio.Event()
    on_signals(stop.set)
    await run(settings, stop)


async def _in_sandbox(once: str | None) -> int:
    from sandbox.demo import demo  # noqa: PLC0415 - not needed to serve Discord

    return await demo([sys.executable, str(HERE)], once)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parse_arguments(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):  # no result of a check is lost to a terminal in another encoding
        sys.stdout.reconfigure(errors="backslashreplace")
    create_only_private_files()
    try:
        if arguments.sandbox:
            return _run_loop(_in_sandbox(arguments.once))
        if arguments.init:
            create_env_file(Path(".env"), HERE.with_name(".env.example"))
            print(".env is written; only your user can read it. Now checking it:", flush=True)
            arguments.check = True
        pass_to_libraries(Path(".env"), os.environ)
        settings = load_settings()
        secret_values = [secret.get_secret_value() for secret in settings.secrets]
        # A check prints its results itself.
        level = "ERROR" if arguments.check and settings.log_level != "DEBUG" else settings.log_level
        configure_logging(level, settings.log_format, secrets=secret_values)
        if arguments.check:
            return _run_loop(check(settings, check_options(arguments)))
        _run_loop(_until_signal(settings))
    except ConfigurationError as error:
        print(*error.problems, sep="\n", file=sys.stderr)
        print("\nTo try the bot without any of these, run: make demo", file=sys.stderr)
        return EXIT_MISCONFIGURED
    except (UnreadableFileError, NotCreatedError, StartError) as error:
        print(error, file=sys.stderr)
        return EXIT_FAILED if isinstance(error, StartError) else EXIT_MISCONFIGURED
    except KeyboardInterrupt:  # during a check: a serving bot handles the signal itself
        return EXIT_INTERRUPTED
    return 0


def _run_loop(coroutine: Coroutine[None, None, T]) -> T:
    """Run a coroutine, with uvloop if it is installed: it doesn't exist for every platform."""
    uvloop: Any
    try:
        uvloop = importlib.import_module("uvloop")
    except ImportError:
        uvloop = None
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if uvloop else None) as runner:
        return runner.run(coroutine)


if __name__ == "__main__":
    sys.exit(main())
