"""Alerts, their tests, the dashboard and the pages must agree."""

import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

import rules

problems = []


def check(holds, problem):
    if not holds:
        problems.append(problem)


def differ(what, left, right):
    for name in sorted(left - right):
        problems.append(f"{what[0]} but not {what[1]}: {name}")
    for name in sorted(right - left):
        problems.append(f"{what[1]} but not {what[0]}: {name}")


def metrics_of_the_code():
    """Metrics and their labels, from the table in metrics.md; None while there is none."""
    page = rules.FOLDER / "metrics.md"
    if not page.exists():
        return None
    known = {}
    for line in page.read_text().splitlines():
        if row := re.match(r"\| `(topper_\w+)` \| [^|]* \| ([^|]*) \|", line):
            known[row[1]] = set(re.findall(r"`(\w+)`", row[2]))
    return known


def sections(page):
    """The text below each heading of the second level."""
    parts = re.split(r"^## (.*)$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def check_alerts(alerts, at_night):
    named = {name: text for name, text in sections(at_night).items() if name.startswith("Topper")}
    differ(("in alerts.yml", "in at-night.md"), set(alerts), set(named))
    for name, text in named.items():
        for part in ("**What it means.**", "**What is being lost.**", "**What to do.**", "**When it is over.**"):
            check(part in text, f"at-night.md: {name} has no {part}")
    for name, rule in alerts.items():
        check(rule["labels"].get("severity") in ("critical", "warning"), f"{name}: no severity")
        severity = f"({rule['labels'].get('severity')})"
        check(f"| {severity[1:-1]} |" in next((line for line in at_night.splitlines() if f"[{name}]" in line), ""),
              f"at-night.md: the table does not say that {name} is {severity[1:-1]}")
        annotations = rule["annotations"]
        check(set(annotations) == {"summary", "runbook", "runbook_url"}, f"{name}: annotations {set(annotations)}")
        url = f"operations/at-night.md#{name.lower()}"
        check(annotations["runbook_url"] == url, f"{name}: its runbook_url is not {url}")
        for text in ("summary", "runbook"):
            check(annotations[text].endswith("."), f"{name}: its {text} is not a sentence")


def check_metrics(alerts):
    expressions = [(name, rule["expr"]) for name, rule in alerts.items()] + rules.queries()
    check_replies(expressions)
    known = metrics_of_the_code()
    if known is None:
        print("docs/operations/metrics.md is not there yet: names of metrics are not checked")
        return
    for where, expression in expressions:
        used = rules.metrics(expression)
        differ_from = used - set(known)
        check(not differ_from, f"{where}: {differ_from} is not in metrics.md")
        # A label must be one of every metric: otherwise it selects nothing.
        for label in rules.labels(expression):
            check(any(label in known.get(metric, ()) for metric in used), f"{where}: no metric of it has {label}")
    shown = {metric for _, expression in rules.queries() for metric in rules.metrics(expression)}
    for metric in sorted(set(known) - shown):
        problems.append(f"grafana.json does not show {metric}")


def check_replies(expressions):
    """Each part of a pattern of replies is a code that is answered."""
    answers = (rules.FOLDER.parent / "reference" / "answers.md").read_text()
    codes = re.findall(r"^\|.*\| [0-9]{3} \|.*\| `(\w+)` \|$", answers, flags=re.MULTILINE)
    for where, expression in expressions:
        for pattern in re.findall(r'reply=~?"([^"]*)"', expression):
            for part in pattern.split("|"):
                check(any(re.fullmatch(part, code) for code in codes), f"{where}: {part} is not the code of a reply")


def check_dashboard():
    dashboard = rules.dashboard()
    variables = [variable["name"] for variable in dashboard["templating"]["list"]]
    check(variables == ["datasource", "job", "webhook"], f"grafana.json: its variables are {variables}")
    taken = set()
    for panel in rules.panels():
        title = panel["title"]
        check(panel.get("description", "").endswith("."), f"{title}: its description is not a sentence")
        check(panel["fieldConfig"]["defaults"].get("unit"), f"{title}: no unit")
        for part in [panel, *panel["targets"]]:
            check(part["datasource"]["uid"] == "${datasource}", f"{title}: not the data source of the variable")
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                check((x, y) not in taken and x < 24, f"{title}: overlaps another panel")
                taken.add((x, y))
    ids = [panel["id"] for panel in dashboard["panels"]]
    check(len(ids) == len(set(ids)), "grafana.json: two panels have one id")


def fails(changed):
    """Whether the tests fail with these rules instead."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        groups = [{"name": "topper", "rules": list(changed.values())}]
        (folder / "alerts.yml").write_text(yaml.safe_dump({"groups": groups}))
        (folder / "alerts-test.yml").write_text((rules.FOLDER / "alerts-test.yml").read_text())
        command = ["promtool", "test", "rules", str(folder / "alerts-test.yml")]
        return subprocess.run(command, capture_output=True, check=False).returncode != 0


def check_tests(alerts):
    """Each alert has a test in which it fires; that it is silent in the others, promtool checks."""
    tests = yaml.safe_load((rules.FOLDER / "alerts-test.yml").read_text())["tests"]
    expected = [sample["labels"] for test in tests for case in test["promql_expr_test"] for sample in case["exp_samples"]]
    firing = set(re.findall(r'alertname="(\w+)"', " ".join(expected)))
    differ(("in alerts.yml", "expected to fire in alerts-test.yml"), set(alerts), firing)


def mutate(alerts):
    """The tests must notice an alert that never fires, one that always does, and one that does not wait: takes minutes."""
    check(not fails(alerts), "alerts-test.yml fails with alerts.yml itself")
    for name, rule in alerts.items():
        check(fails({**alerts, name: {**rule, "expr": "vector(1) > 2"}}), f"alerts-test.yml passes without {name}")
        loud = {**rule, "expr": "vector(1)", "for": "0s"}
        check(fails({**alerts, name: loud}), f"alerts-test.yml passes when {name} always fires")
        if "for" in rule:
            hasty = {**rule, "for": "0s"}
            check(fails({**alerts, name: hasty}), f"alerts-test.yml passes when {name} does not wait")


def check_links():
    """Every link between the pages here leads somewhere."""
    for page in sorted(rules.FOLDER.glob("*.md")):
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            if "://" in target:
                continue
            path, _, anchor = target.partition("#")
            other = (page.parent / path).resolve() if path else page
            if other.name in ("metrics.md", "logs.md") and not other.exists():
                continue
            check(other.exists(), f"{page.name}: {target} is not there")
            if anchor and other.exists():
                text = re.sub(r"^```.*?^```", "", other.read_text(), flags=re.MULTILINE | re.DOTALL)
                headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
                anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
                check(anchor in anchors, f"{page.name}: {target} has no such section")


def main():
    alerts = rules.alerts()
    check_alerts(alerts, (rules.FOLDER / "at-night.md").read_text())
    check_metrics(alerts)
    check_dashboard()
    check_tests(alerts)
    if "--mutate" in sys.argv:
        mutate(alerts)
    check_links()
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(alerts)} alerts, {len(rules.queries())} queries: {'agree' if not problems else 'see above'}")
    sys.exit(bool(problems))


main()
