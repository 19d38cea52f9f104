"""What the documents say, held against the code: settings, metrics, permissions, paths, links, lengths."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
import yaml

from infra.config.display import shown
from infra.config.settings import NAMES, Settings
from infra.web.metrics import Metrics

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "DESIGN.md", "CONTRIBUTING.md", "SECURITY.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)
OPERATING = (ROOT / "docs" / "operating.md").read_text()
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
FOLDERS = "cogs|studio|infra|seedream|check|sandbox|tests|deploy|docs"
PATH = re.compile(rf"`((?:{FOLDERS})/[\w./-]*|(?:bot|assembly)\.py|pyproject\.toml|Makefile|\.env\.example)`")


def anchors(page: Path) -> set[str]:
    """The headings as GitHub links to them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def words(page: Path) -> int:
    return len(page.read_text().split())


def rows(text: str) -> dict[str, str]:
    """Of the tables with a default: setting -> its default, as they are written."""
    return dict(re.findall(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\|", text, re.MULTILINE))


@pytest.fixture
def metrics():
    """The bot's own metrics, by the name under which Prometheus has them, with their labels."""
    found = {}
    for collector in Metrics(lambda: 0.0).registry._collector_to_names:
        if hasattr(collector, "describe"):
            (metric,) = collector.describe()
            found[metric.name + ("_total" if metric.type == "counter" else "")] = set(collector._labelnames)
    return found


# --- every page -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page):
    for target in LINK.findall(page.read_text()):
        name, _, heading = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), target
        assert not heading or heading in anchors(file), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_is_there(page):
    missing = [path for path in PATH.findall(page.read_text()) if not (ROOT / path).exists()]
    assert missing == []


def test_the_readme_and_the_design_stay_short():
    assert len((ROOT / "README.md").read_text().splitlines()) < 150
    assert words(ROOT / "DESIGN.md") <= 1500


# --- operating ------------------------------------------------------------------------------------------------------


def test_the_tables_of_settings_name_every_setting_once_with_its_default():
    defaults = {
        name.upper(): "" if info.is_required() or info.default is None else shown(info.default)
        for name, info in Settings.model_fields.items()
    }
    named = re.findall(r"^\| `([A-Z_]+)` \|", OPERATING[OPERATING.index("\n## Settings") :], re.MULTILINE)
    assert sorted(named) == sorted(NAMES)
    assert rows(OPERATING) == defaults


def test_the_table_of_metrics_has_every_metric_with_its_labels(metrics):
    found = re.findall(r"^\| `(seedream_\w+)` \| ([^|]*)\|", OPERATING, re.MULTILINE)
    assert {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in found} == metrics


def test_the_alerts_ask_for_metrics_and_labels_that_there_are(metrics):
    (group,) = yaml.safe_load((ROOT / "deploy" / "alerts.yaml").read_text())["groups"]
    assert len({rule["alert"] for rule in group["rules"]}) == len(group["rules"])
    for rule in group["rules"]:
        assert rule["annotations"]["summary"]
        assert_known(rule["expr"], metrics)


def test_prometheus_asks_every_process_by_the_name_that_the_alerts_ask_for():
    prometheus = yaml.safe_load((ROOT / "deploy" / "prometheus.yaml").read_text())
    assert all((ROOT / "deploy" / name).exists() for name in prometheus["rule_files"])
    (job,) = prometheus["scrape_configs"]
    asked_for = set(re.findall(r'job="(\w+)"', (ROOT / "deploy" / "alerts.yaml").read_text()))
    assert asked_for == {job["job_name"]}
    (targets,) = job["static_configs"]
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    bots = [name for name, service in services.items() if service["image"] == "seedream-bot"]
    assert targets["targets"] == [f"{name}:8080" for name in bots]


def test_the_scrape_configuration_for_kubernetes_finds_the_manifests_pods():
    (block,) = re.findall(r"^```yaml\n(kubernetes_sd_configs.*?)^```", OPERATING, re.MULTILINE | re.DOTALL)
    (rule,) = yaml.safe_load(block)["relabel_configs"]
    pods = next(
        one["spec"]["template"]
        for one in yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text())
        if one["kind"] == "StatefulSet"
    )
    (label,) = pods["metadata"]["labels"].items()
    (port,) = pods["spec"]["containers"][0]["ports"]
    assert rule["regex"] == f"{label[1]};{port['name']}"
    assert rule["source_labels"] == [
        "__meta_kubernetes_pod_label_" + re.sub(r"\W", "_", label[0]),
        "__meta_kubernetes_pod_container_port_name",
    ]


def test_the_dashboard_shows_every_metric_by_labels_that_it_has(metrics):
    dashboard = json.loads((ROOT / "deploy" / "grafana.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    shown = set().union(*(assert_known(expression, metrics) for expression in expressions))
    assert shown == metrics.keys()
    places = [tuple(panel["gridPos"].values()) for panel in dashboard["panels"]]
    cells = [
        (x + right, y + down) for x, y, width, height in places for right in range(width) for down in range(height)
    ]
    assert len(cells) == len(set(cells)), "panels overlap"
    assert max(x for x, _ in cells) < 24


def assert_known(expression, metrics):
    """Assert that an expression asks for metrics and labels that there are; return the bot's own metrics in it."""
    found = {}
    for name, selector in re.findall(r"(seedream_\w+)(?:\{([^}]*)\})?", expression):
        metric = re.sub("_(bucket|count|sum)$", "", name)
        found[metric] = set(re.findall(r"(\w+)=", selector)) - {"job"}
        assert found[metric] <= metrics[metric], expression
    grouped = {label for labels in re.findall(r"by \(([^)]*)\)", expression) for label in re.findall(r"\w+", labels)}
    for metric in found:
        assert grouped - {"le"} <= metrics[metric], expression
    return found.keys()


# --- the log --------------------------------------------------------------------------------------------------------


def test_the_list_of_log_lines_has_every_line_that_asks_for_attention():
    section = OPERATING[OPERATING.index("\n## What the log says") : OPERATING.index("\n## The live test")]
    rows = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `")]
    listed = {text for row in rows for text in re.findall(r"`([^`]+)`", row)}
    said = {line for path in SOURCES for line in lines_said(path)}
    assert [line for line in said if not any(line.startswith(start) for start in listed)] == []
    assert [start for start in listed if not any(line.startswith(start) for line in said)] == []


SOURCES = [
    ROOT / "bot.py",
    *(path for name in ("cogs", "studio", "infra", "seedream") for path in (ROOT / name).rglob("*.py")),
]


def lines_said(path: Path) -> set[str]:
    """The lines of a module at WARNING or above, with … for what differs; none that are only that."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    arguments = [call.args[_LOGS[name]] for call in calls if (name := ast.unparse(call.func)) in _LOGS]
    texts = [part.value for argument in arguments for part in ast.walk(argument) if isinstance(part, ast.Constant)]
    lines = {re.sub(r"%[.\d]*[a-z]", "…", text) for text in texts if isinstance(text, str)}
    return {line for line in lines if re.search("[a-z]{3}", line)}


_LOGS = {"log.warning": 0, "log.error": 0, "log.exception": 0, "log.log": 1}
