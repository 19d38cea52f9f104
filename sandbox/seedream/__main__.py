"""python -m sandbox.seedream [--port 0] [--delay S]: the first line says where it is, as JSON; a signal ends it."""

import argparse
import asyncio
import json
import signal

from sandbox.seedream.errors import ApiError
from sandbox.seedream.server import LocalSeeDream


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox.seedream", description="A local SeeDream Images API.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--delay", type=float, default=1.0, help="seconds before the first image")
    parser.add_argument("--image-interval", type=float, default=0.3, help="seconds before each further one")
    parser.add_argument("--accepted-ids", choices=("dated", "short", "both"), default="dated")
    given = parser.parse_args()
    pace = {"delay": given.delay, "image_interval": given.image_interval}
    try:
        api = LocalSeeDream(given.host, given.port, accepted_ids=given.accepted_ids, **pace)
    except ApiError as problem:
        parser.error(problem.message)
    try:
        asyncio.run(_serve(api))
    except OSError as problem:
        parser.error(f"can't listen on {given.host} port {given.port}: {problem.strerror}")


async def _serve(api: LocalSeeDream) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with api:
        print(json.dumps({"seedream": api.url, "key": api.key}), flush=True)  # noqa: T201  (it is asked for)
        await ended.wait()


if __name__ == "__main__":
    main()
