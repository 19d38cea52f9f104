"""What may stand between the bot and a PostgreSQL: PgBouncer, and a proxy that refuses startup parameters."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.support.ports import free_port
from tests.support.postgresql import PASSWORD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.postgresql import PostgreSQL

START_SECONDS = 10.0
_USUAL = {"user", "database", "client_encoding", "application_name"}


def installed() -> str | None:
    """The program; Debian has it where only the administrator's path leads."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class PgBouncer:
    """PgBouncer before `server`. `settings`: lines of its configuration."""

    def __init__(self, server: PostgreSQL, settings: str) -> None:
        self._server = server
        self._settings = settings
        self.port = free_port()

    def url(self, direct: str) -> str:
        """The address of a database of the server's, through the pooler."""
        return direct.replace(f":{self._server.port}/", f":{self.port}/")

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="pgbouncer-")
        folder = Path(self._folder.name)
        folder.chmod(0o755)
        (folder / "users").write_text(f'"{self._server.owner}" "{PASSWORD}"\n')
        target = f"host=127.0.0.1 port={self._server.port} user={self._server.owner} password={PASSWORD}"
        (folder / "ini").write_text(
            f"[databases]\n* = {target}\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={self.port}\n"
            f"unix_socket_dir=\nauth_type=plain\nauth_file={folder}/users\n{self._settings}\n"
        )
        self._start(folder / "ini")
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._folder.cleanup()

    def restart(self) -> None:
        self._stop()
        self._start(Path(self._folder.name) / "ini")

    def _start(self, configuration: Path) -> None:
        somebody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        program = installed()
        assert program, "PgBouncer is not installed"
        self._process = subprocess.Popen([program, "-q", configuration], stdout=-3, stderr=-3, **somebody)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.01)
        raise TimeoutError("PgBouncer does not start")

    def _stop(self) -> None:
        self._process.kill()
        self._process.wait()


@asynccontextmanager
async def refusing_proxy(server_port: int, *, politely: bool) -> AsyncIterator[int]:
    """A proxy that refuses startup parameters it doesn't know, with an error or by hanging up. Gives its port."""
    tasks = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", server_port)
        try:
            first = await _startup_message(reader, writer)
            if unknown := set(first[8:].split(b"\0")[::2]) - {name.encode() for name in _USUAL} - {b""}:
                if politely:
                    writer.write(_error(f"unsupported startup parameter: {min(unknown).decode()}"))
                return
            server_writer.write(first)
            await asyncio.gather(_copy(reader, server_writer), _copy(server_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for end in (writer, server_writer):
                end.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _startup_message(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """Read the client's first message; a wish for TLS before it is declined."""
    while True:
        head = await reader.readexactly(8)
        length, code = struct.unpack("!II", head)
        if code == 80877103:  # SSLRequest
            writer.write(b"N")
            continue
        return head + await reader.readexactly(length - 8)


def _error(message: str) -> bytes:
    fields = f"SFATAL\0C08P01\0M{message}\0\0".encode()
    return b"E" + struct.pack("!I", len(fields) + 4) + fields


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
        await writer.drain()
    writer.close()
