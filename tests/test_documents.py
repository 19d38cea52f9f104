"""What the documents say, held against the code: settings, metrics, permissions, paths, links, lengths."""

from __future__ import annotations

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
    (block,) = re.findall(r"^```yaml\n(.*?)^```", OPERATING, re.MULTILINE | re.DOTALL)
    (group,) = yaml.safe_load(block)["groups"]
    assert len({rule["alert"] for rule in group["rules"]}) == len(group["rules"])
    for rule in group["rules"]:
        assert rule["annotations"]["summary"]
        for name, selector in re.findall(r"(seedream_\w+)(?:\{([^}]*)\})?", rule["expr"]):
            labels = metrics[re.sub("_(bucket|count|sum)$", "", name)]
            assert set(re.findall(r"(\w+)=", selector)) <= labels, rule["alert"]
