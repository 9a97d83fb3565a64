"""What the checks read from docs/operations."""

import json
import pathlib
import re

import yaml

FOLDER = pathlib.Path(__file__).parents[2] / "docs" / "operations"
# What Prometheus itself adds to series.
OWN_LABELS = {"job", "instance", "le", "alertname", "alertstate", "severity"}
METRIC = re.compile(r"\btopper_[a-z_]+")


def alerts():
    """The rules of alerts.yml, by name."""
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def dashboard():
    return json.loads((FOLDER / "grafana.json").read_text())


def panels():
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def queries():
    """The queries of the dashboard: title of the panel, and query."""
    return [(panel["title"], target["expr"]) for panel in panels() for target in panel["targets"]]


def labels(expression):
    """The labels that an expression selects or groups by, without those of Prometheus."""
    without_text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
    selected = re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*""', without_text)
    grouped = re.findall(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)", without_text)
    names = selected + [name.strip() for group in grouped for name in group.split(",")]
    return {name for name in names if name} - OWN_LABELS


def metrics(expression):
    """The metrics of an expression, without what a histogram's series end with."""
    return {re.sub(r"_(bucket|count|sum)$", "", name) for name in METRIC.findall(expression)}
