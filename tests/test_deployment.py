"""What is shipped for running the bot, held against the bot: its settings, its files, its exit codes, its addresses."""

from __future__ import annotations

import asyncio
import configparser
import json
import math
import os
import re
import shutil
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import aiohttp
import asyncpg
import pytest
import yaml
from sqlalchemy import text

import bot
from infra.config.loading import load_settings
from infra.config.settings import NAMES
from infra.db.engine import migrate, open_engine
from infra.db.identify import TURN_SECONDS
from infra.db.postgresql import POOL_OVERFLOW, POOL_SIZE
from infra.web.connections import MAX_CONNECTIONS
from infra.web.metrics import Metrics
from infra.web.server import WebServer
from tests.support.postgresql import PostgreSQL

ROOT = Path(__file__).parents[1]
SECRETS = {"DISCORD_TOKEN": "a.local.token", "SEEDREAM_API_KEY": "a-local-key", "POSTGRES_PASSWORD": "sesame"}
REQUIRED = ("DISCORD_TOKEN", "SEEDREAM_API_KEY")
ANALYZE = shutil.which("systemd-analyze")
ENDING_SECONDS = 10.0  # what the bot needs at most after GRACE: what is left to show, the web server, the database
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def instructions(name: str) -> list[str]:
    return [line.removeprefix(name).strip() for line in DOCKERFILE.splitlines() if line.startswith(f"{name} ")]


def image_environment() -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(instructions("ENV"))))


@pytest.fixture
def compose():
    """The file as Compose reads it, with .env's values in their places."""
    text = re.sub(
        r"\$\{(\w+):[?-][^}]*\}", lambda found: SECRETS.get(found[1], ""), (ROOT / "docker-compose.yml").read_text()
    )
    return yaml.safe_load(text)


@pytest.fixture
def processes(compose):
    """The settings of each process of the bot."""
    services = [one for one in compose["services"].values() if one["image"] == "seedream-bot"]
    given = [SECRETS | image_environment() | one["environment"] for one in services]
    return [load_settings(None, {name: one[name] for name in one if name in NAMES}) for one in given]


@pytest.fixture
def unit():
    parser = configparser.RawConfigParser(strict=False)  # a name may stand there twice
    parser.optionxform = str
    parser.read(ROOT / "deploy" / "seedream-bot.service")
    return parser


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


# --- the image ------------------------------------------------------------------------------------------------------


def test_the_image_holds_all_that_the_bot_is_made_of_and_the_context_nothing_more():
    copied = {source for line in instructions("COPY") if "--from" not in line for source in line.split()[:-1]}
    ours = {"bot.py", "assembly.py", "requirements.txt", *(path.parent.name for path in ROOT.glob("*/__init__.py"))}
    assert copied == ours - {"sandbox", "tests"}
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == copied


def test_the_image_sets_what_the_bot_knows_and_runs_it_as_nobody_of_note():
    own = image_environment().keys() - {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "MPLCONFIGDIR"}
    assert own == {"WEB_HOST", "WEB_PORT"} <= set(NAMES)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", instructions("USER")[-1])
    assert json.loads(instructions("CMD")[-1]) == ["python", "bot.py"]
    assert instructions("EXPOSE") == [image_environment()["WEB_PORT"]]


def test_the_image_has_the_python_of_the_tests():
    wanted = {line.split(":")[1].split("-")[0] for line in instructions("FROM")}
    assert wanted == {"3.11"}
    assert 'python_version = "3.11"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("up", [True, False])
async def test_the_image_is_healthy_while_the_web_server_answers(up):
    command = json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2])
    async with WebServer("127.0.0.1", 0, metrics=Metrics(lambda: 0.0), probes={}) as web:
        port = web.url.rpartition(":")[2]
    async with WebServer("127.0.0.1", int(port) if up else 0, metrics=Metrics(lambda: 0.0), probes={}):
        code = await exit_code([sys.executable, *command[1:]], WEB_PORT=port)
    assert (code == 0) is up


async def exit_code(command: list[str], **environ: str) -> int:
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | environ, stderr=asyncio.subprocess.DEVNULL
    )
    return await process.wait()


# --- Compose --------------------------------------------------------------------------------------------------------


def test_composes_processes_have_settings_that_are_taken_and_no_others(compose):
    for service in compose["services"].values():
        if service["image"] == "seedream-bot":
            assert service["environment"].keys() - {"PGPASSWORD"} <= set(NAMES)
            assert service["env_file"] == ".env"


def test_composes_processes_serve_every_shard_once_on_one_database(processes):
    assert len(processes) >= 2
    (count,) = {one.shard_count for one in processes}
    assert sorted(shard for one in processes for shard in one.shard_ids) == list(range(count))
    assert len({one.database_url for one in processes}) == 1
    assert all(one.listens_at for one in processes)


def test_compose_gives_running_jobs_their_time_and_starts_after_the_database(compose, processes):
    for service in compose["services"].values():
        if service["image"] == "seedream-bot":
            assert seconds(service["stop_grace_period"]) > processes[0].grace + ENDING_SECONDS
            assert service["depends_on"] == {"postgres": {"condition": "service_healthy"}}
            assert service["restart"] == "unless-stopped"
            assert service["read_only"] is True
    assert compose["services"]["postgres"]["healthcheck"]["test"][1] == "pg_isready"


def test_compose_publishes_nothing_but_the_web_server_for_callbacks(compose):
    assert {name for name, one in compose["services"].items() if "ports" in one} == {"caddy"}
    assert compose["services"]["caddy"]["profiles"] == ["callbacks"]
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text()
    proxied = re.search(r"handle /callbacks/\* \{\s+reverse_proxy ([^{]+)\{", caddyfile)[1].split()
    bots = [name for name, one in compose["services"].items() if one["image"] == "seedream-bot"]
    assert proxied == [f"{name}:{image_environment()['WEB_PORT']}" for name in bots]


def test_composes_volumes_and_the_images_folder_are_the_ones_that_are_used(compose, processes):
    used = {
        volume.split(":")[0] for one in compose["services"].values() for volume in one["volumes"] if volume[0] != "."
    }
    assert used == compose["volumes"].keys()
    assert {f"/app/{one.data_dir}" for one in processes} == set(instructions("VOLUME"))


def test_the_arithmetic_that_is_told_is_the_codes():
    told = (ROOT / "docs" / "operating.md").read_text()
    most = POOL_SIZE + POOL_OVERFLOW
    told = " ".join(told.split())
    assert f"keeps {POOL_SIZE} connections open and uses up to {most}." in told
    assert f"PostgreSQL's default of 100 connections is enough for {100 // most} processes" in told
    assert f"the last of 16 shards is ready after {math.ceil(16 * TURN_SECONDS / 10) * 10} s" in told
    in_flight = load_settings(None, {name: SECRETS[name] for name in REQUIRED}).max_in_flight
    assert f"{in_flight} ÷ 15 s are {int(in_flight / 15 * 36) * 100:,} an hour" in told


async def test_composes_bot_owns_its_database_and_may_do_nothing_else(compose):
    service = compose["services"]["postgres"]
    (script,) = (one.split(":")[0] for one in service["volumes"] if ":/docker-entrypoint-initdb.d/" in one)
    assert service["environment"].keys() == {"POSTGRES_PASSWORD"}
    asked = text(
        "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls FROM pg_roles"
        " WHERE rolname = current_user"
    )
    with PostgreSQL(owner="postgres") as server:
        server.run_file(ROOT / script, **service["environment"])
        url = server.url("bot", user="bot")
        engine = open_engine(url)
        await migrate(engine)
        async with engine.connect() as connection:
            assert not await connection.scalar(asked)
        await engine.dispose()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.url("postgres").replace("+asyncpg", ""), ssl=False)


def test_what_others_made_is_named_by_its_content(compose):
    images = [line.split()[0] for line in instructions("FROM")]
    images += [one["image"] for one in compose["services"].values() if "build" not in one]
    assert [image for image in images if not re.fullmatch(r"[\w.-]+:[\w.-]+@sha256:[0-9a-f]{64}", image)] == []


@pytest.mark.parametrize(
    "file",
    ["requirements.txt", "requirements-dev.txt", "requirements-tools.txt", "tests/sandbox/clients/requirements.txt"],
)
def test_every_dependency_is_pinned_with_hashes(file):
    entries = re.sub(
        r" \\\n", " ", re.sub(r"^\s*#.*\n", "", (ROOT / file).read_text(), flags=re.MULTILINE)
    ).splitlines()
    assert len(entries) > 10
    assert [
        one for one in entries if not re.fullmatch(r"[\w.-]+==\S+( ; .*?)?(\s+--hash=sha256:[0-9a-f]{64})+", one)
    ] == []


def test_every_installation_demands_the_hashes():
    told = [(ROOT / name).read_text() for name in ("Makefile", "Dockerfile", "docs/operating.md")]
    installs = [
        line
        for text in told
        for line in text.replace("\\\n", " ").splitlines()
        if re.search(r"\binstall\b.*-r\b", line)
    ]
    assert len(installs) >= 3
    assert [line for line in installs if "--require-hashes" not in line] == []


# --- Kubernetes -----------------------------------------------------------------------------------------------------


@pytest.fixture
def manifests():
    documents = yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text())
    return {one["kind"]: one for one in documents}


def test_kubernetes_serves_every_shard_once_with_settings_that_are_taken(manifests):
    spec = manifests["StatefulSet"]["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    environment = {one["name"]: one for one in container["env"]}
    assert environment.keys() == {"SHARD_COUNT", "SHARD_IDS"}
    assert environment["SHARD_COUNT"]["value"] == str(spec["replicas"])
    ordinal = environment["SHARD_IDS"]["valueFrom"]["fieldRef"]["fieldPath"]
    assert ordinal == "metadata.labels['apps.kubernetes.io/pod-index']"


def test_kubernetes_labels_lead_to_the_same_pods(manifests):
    labels = manifests["StatefulSet"]["spec"]["template"]["metadata"]["labels"]
    assert manifests["StatefulSet"]["spec"]["selector"]["matchLabels"] == labels
    assert manifests["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert manifests["Service"]["spec"]["selector"] == labels
    assert manifests["StatefulSet"]["spec"]["serviceName"] == manifests["Service"]["metadata"]["name"]


async def test_kubernetes_asks_addresses_that_the_web_server_has_and_gives_jobs_their_time(manifests):
    pod = manifests["StatefulSet"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    (port,) = container["ports"]
    assert str(port["containerPort"]) == image_environment()["WEB_PORT"]
    probes = [container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")]
    assert {probe["port"] for probe in probes} == {port["name"]}
    metrics = Metrics(lambda: 0.0)
    async with WebServer("127.0.0.1", 0, metrics=metrics, probes={}) as web, aiohttp.ClientSession() as session:
        for probe in probes:
            async with session.get(web.url + probe["path"]) as response:
                assert response.status == HTTPStatus.OK
    default = load_settings(None, {name: SECRETS[name] for name in REQUIRED})
    assert pod["terminationGracePeriodSeconds"] > default.grace + ENDING_SECONDS


def test_kubernetes_runs_the_images_user_and_mounts_all_that_it_writes_to(manifests):
    pod = manifests["StatefulSet"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    user, group = map(int, instructions("USER")[-1].split(":"))
    assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsGroup"]) == (user, group)
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    mounted = {one["mountPath"] for one in container["volumeMounts"]}
    assert mounted == {*instructions("VOLUME"), str(Path(image_environment()["MPLCONFIGDIR"]).parent)}


# --- systemd --------------------------------------------------------------------------------------------------------


def test_the_unit_gives_running_jobs_their_time_and_does_not_retry_wrong_settings(unit):
    service = unit["Service"]
    default = load_settings(None, {name: SECRETS[name] for name in REQUIRED})
    assert seconds(service["TimeoutStopSec"]) > default.grace + ENDING_SECONDS
    assert int(service["RestartPreventExitStatus"]) == bot.EXIT_MISCONFIGURED
    assert service["Restart"] == "always"
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert not default.data_dir.is_absolute()


def test_the_unit_allows_far_more_files_than_the_web_server_has_connections(unit):
    assert int(unit["Service"]["LimitNOFILE"]) >= 4 * MAX_CONNECTIONS
    assert f"at most {MAX_CONNECTIONS} connections" in (ROOT / "docs" / "operating.md").read_text()


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here to verify the unit")
def test_systemd_takes_the_unit_and_finds_it_well_guarded(unit, tmp_path):
    text = (ROOT / "deploy" / "seedream-bot.service").read_text()
    start = f"{sys.executable} {ROOT / 'bot.py'}"
    file = tmp_path / "seedream-bot.service"
    file.write_text(text.replace(unit["Service"]["ExecStart"], start))
    assert complaints(file) == []
    subprocess.run([ANALYZE, "security", "--offline=true", "--threshold=20", file], capture_output=True, check=True)


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here to verify the unit")
def test_systemd_takes_the_unit_for_several_processes(unit, tmp_path):
    text = (ROOT / "deploy" / "seedream-bot.service").read_text()
    file = tmp_path / "seedream-bot@.service"
    file.write_text(text.replace(unit["Service"]["ExecStart"], f"{sys.executable} {ROOT / 'bot.py'}"))
    folder = tmp_path / "seedream-bot@.service.d"
    folder.mkdir()
    shutil.copy(ROOT / "deploy" / "instance.conf", folder)
    assert complaints(tmp_path / "seedream-bot@1.service") == []


def test_each_process_of_the_unit_has_its_own_shard_folder_and_port():
    lines = (ROOT / "deploy" / "instance.conf").read_text().replace("%i", "1").splitlines()
    given = dict(
        re.findall(r"(\w+)=(\S+)", next(line for line in lines if line.startswith("Environment=")).partition("=")[2])
    )
    postgresql = {"SHARD_COUNT": "2", "DATABASE_URL": "postgresql://bot:sesame@localhost/bot"}
    settings = load_settings(None, {name: SECRETS[name] for name in REQUIRED} | postgresql | given)
    assert (settings.shard_ids, settings.listens_at) == ((1,), 8081)
    assert "WorkingDirectory=/var/lib/seedream-bot-1" in lines
    assert [line for line in lines if line.startswith("StateDirectory=")] == [
        "StateDirectory=",  # a list, emptied first
        "StateDirectory=seedream-bot-1",
    ]


def complaints(unit_file: Path) -> list[str]:
    """What systemd has to say about a unit."""
    verified = subprocess.run([ANALYZE, "verify", unit_file], capture_output=True, text=True, check=False)
    name = unit_file.name.partition("@")[0]
    return [line for line in verified.stderr.splitlines() if name in line or "instance.conf" in line]
