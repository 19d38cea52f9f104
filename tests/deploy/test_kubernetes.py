"""deploy/kubernetes.yaml, held against the bot and its image."""

from __future__ import annotations

import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
import yaml

from check.new_env_file import quoted
from infra.config.loading import load_settings
from infra.web.metrics import Metrics
from infra.web.server import WebServer
from tests.deploy.shipped import (
    ENDING_SECONDS,
    REQUIRED,
    ROOT,
    SECRETS,
    image_environment,
    instructions,
)


@pytest.fixture
def manifests():
    documents = yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text())
    return {one["kind"]: one for one in documents}


def test_kubernetes_serves_every_shard_once_with_settings_that_are_taken(manifests):
    spec = manifests["StatefulSet"]["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    environment = {one["name"]: one for one in container["env"]}
    assert environment.keys() == {"SHARD_COUNT", "SHARD_IDS", "WEB_HOST", "WEB_PORT"}
    assert environment["WEB_HOST"]["value"] == image_environment()["WEB_HOST"]
    assert environment["WEB_PORT"]["value"] == str(container["ports"][0]["containerPort"])
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
    assert pod["securityContext"]["fsGroup"] == group
    assert pod["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    mounted = {one["mountPath"] for one in container["volumeMounts"]}
    assert mounted == {*instructions("VOLUME"), str(Path(image_environment()["MPLCONFIGDIR"]).parent)}


def test_the_secret_is_made_of_values_without_their_quotes(tmp_path):
    """kubectl would keep them."""
    values = {"SECRET_KEY": "a $ign, a 'quote' and a # too", "DISCORD_TOKEN": "a.plain-one"}
    (tmp_path / ".env").write_text(
        "".join(f"{name}={quoted(value)}\n" for name, value in values.items()) + "WEB_PORT=\n"
    )
    text = (ROOT / "docs" / "operating.md").read_text()
    (command,) = (line for line in text.replace("\\\n", "").splitlines() if "read_env_file" in line)
    program, _, kubectl = command.partition(" | ")
    assert kubectl.strip() == "kubectl create secret generic seedream-bot --from-env-file=/dev/stdin"
    program = program.replace(".venv/bin/python", sys.executable)
    found = subprocess.run(
        ["/bin/sh", "-c", program], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=True
    )
    assert dict(line.split("=", 1) for line in found.stdout.decode().splitlines()) == values
