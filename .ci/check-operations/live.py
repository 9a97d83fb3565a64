"""Every alert by its cause, with real receivers and a real Prometheus; and every query of the dashboard.

Each receiver is a scrape job of its own, named after what is done to it. The durations of the rules are shortened, so
that minutes pass within seconds. What each job's alerts must be is in CASES.
"""

import argparse
import json
import os
import pathlib
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

import rules

# What stands for what: a scrape a second, so five are needed to see a rate.
SHORT = {"5m": "6s", "10m": "8s", "15m": "12s", "30m": "30s", "6h": "25s"}
SHORT_FOR = {"1m": "1s", "2m": "2s", "5m": "6s", "10m": "10s"}
LONGEST = 100  # seconds until every alert must have fired
EVENT = "order:crypto-onramp:completed"
TOPPER, STRANGER = "35.188.196.183", "203.0.113.7"
BEHIND_A_PROXY = {"TOPPER_WEBHOOK_SOURCES": "enforce", "TOPPER_WEBHOOK_TRUSTED_PROXIES": "127.0.0.1,::1"}
INBOX = {"TOPPER_PROCESSING": "inbox"}

stop = threading.Event()


# Below the ports that Linux gives to outgoing connections: one of those could take a port between its choice and its use.
PORTS = iter(random.sample(range(15_000, 32_000), 17_000))


def free_port():
    """A port that nobody listens on, and that this function returns once only."""
    for port in PORTS:
        with socket.socket() as listener:
            # As servers do, so that a port whose last connections are still closing counts as free for both.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    sys.exit("no port is free")


def get(url, **query):
    if query:
        url += "?" + urllib.parse.urlencode(query, doseq=True)
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def wait_for(what, condition, seconds, receiver=None):
    """Waits until the condition holds, and returns what it returned."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not stop.is_set():
        try:
            if found := condition():
                return found
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit(f"not within {seconds} s: {what}{receiver.end_of_log() if receiver else ''}")


class Receiver:
    """The program receive-axum, and what is done to it."""

    def __init__(self, run, name, settings):
        self.run, self.name = run, name
        self.port, self.admin = free_port(), free_port()
        self.store = run.folder / f"{name}.db"
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("TOPPER_")},
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "ADMIN_PORT": str(self.admin),
            "SHUTDOWN_DELAY": "0",
            "RUST_LOG": "info",
            "TOPPER_WEBHOOK_PUBLIC_KEY": run.public_key,
            "TOPPER_WEBHOOK_LABEL": name,
            "TOPPER_STORE_URL": f"sqlite://{self.store}",
            **settings,
        }
        self.log = run.folder / f"{name}.log"
        self.process = run.start([run.bin / "receive-axum"], self.log, env=environment)

    def end_of_log(self):
        return f"\n-- the end of the log of {self.name}\n{self.log.read_text()[-1500:]}"

    def check_zeros(self):
        """Each reply is counted from 0 on, before the first delivery: an increase from nothing is not seen."""
        url = f"http://127.0.0.1:{self.admin}/metrics"
        text = wait_for(f"{self.name} answers /metrics", lambda: (get(url),), 30, self)[0]
        page = (rules.FOLDER.parent / "reference" / "answers.md").read_text()
        codes = set(re.findall(r"^\|.*\| [0-9]{3} \|.*\| `(\w+)` \|$", page, flags=re.MULTILINE))
        counted = set(re.findall(r'^topper_deliveries_total\{.*reply="(\w+)".*\} 0$', text, flags=re.MULTILINE))
        if missing := codes - counted:
            sys.exit(f"{self.name}: topper_deliveries_total is not 0 at the start for {', '.join(sorted(missing))}: "
                     "is the feature `metrics` on, and is the recorder set before the verifier is built?")

    def url(self, path="/webhooks/topper"):
        return f"http://127.0.0.1:{self.port}{path}"

    def send(self, *arguments, to=None, key=None):
        """Sends by `topper send`; returns the codes that were answered."""
        command = [self.run.bin / "topper", "send", "--json", "--to", to or self.url()]
        command += ["--key", key or self.run.key, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode == 2:
            sys.exit(f"{self.name}: topper send {arguments}: {done.stderr}")
        return done.stdout

    def sql(self, statement):
        database = sqlite3.connect(self.store, timeout=5)
        with database:
            changed = database.execute(statement).rowcount
        database.close()
        if changed < 1:
            sys.exit(f"{self.name}: nothing changed by {statement}")


# What is done to the receivers, again and again until the end, after one delivery that proves the key.


def healthy(receiver):
    receiver.send("--flow", "onramp")


def nothing(_):
    stop.wait(1)


def end(receiver):
    if receiver.process.poll() is None:
        receiver.process.send_signal(signal.SIGTERM)
        receiver.process.wait(20)
    stop.wait(1)


def wrong_key(receiver):
    receiver.send(EVENT, key=receiver.run.other_key)


def wrong_path(receiver):
    receiver.send(EVENT, to=receiver.url("/webhooks/toper"))
    healthy(receiver)


def unreadable(receiver):
    receiver.send("--body", str(receiver.run.not_an_event))
    healthy(receiver)


def unreadable_field(receiver):
    receiver.send(EVENT, "--set", "data.destination.amount:=[]")
    healthy(receiver)


def forged(receiver):
    receiver.send(EVENT, key=receiver.run.other_key)
    healthy(receiver)


def unsigned(receiver):
    receiver.send(EVENT, "--unsigned")


def from_a_stranger(receiver):
    receiver.send(EVENT, "--header", f"X-Forwarded-For: {STRANGER}")
    receiver.send("--flow", "onramp", "--header", f"X-Forwarded-For: {TOPPER}")


def too_large(receiver):
    receiver.send("--body", str(receiver.run.large))
    healthy(receiver)


def slow(receiver):
    """A body that does not arrive: answered after 2 s. The signature is that of Topper's documentation."""
    signature = "eyJhbGciOiJFUzI1NiJ9..2H0Ypm5sVzuSpgyZySdAJan05lYxctqhmO8btghFQQzkisvSlNvNWzQ1kqTPXTLP_dR4zQZrTsSsShAK51I4EQ"
    head = (
        "POST /webhooks/topper HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"X-Topper-JWS-Signature: {signature}\r\nContent-Length: 100\r\n\r\n{{"
    )
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as connection:
        connection.sendall(head.encode())
        if b" 408 " not in connection.recv(4096):
            sys.exit("slow: a body that does not arrive is not answered with 408")
    healthy(receiver)


def lock_the_store(receiver):
    """What another program does that keeps a transaction open."""
    database = sqlite3.connect(receiver.store, timeout=5, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    while not stop.is_set():
        receiver.send(EVENT)
    database.rollback()
    database.close()


def grow_old(receiver):
    """An event that a handler has failed on for 20 minutes: these receivers have none that fails."""
    now = int(time.time() * 1000)
    receiver.sql(
        "UPDATE topper_inbox SET state = 0, done_at = NULL, owner = NULL, last_error = 'the ledger is down', "
        f"received_at = {now - 1_200_000}, failed_at = {now}, due_at = {now + 3_600_000}"
    )
    stop.wait()


def die(receiver):
    """The same after three days."""
    receiver.sql("UPDATE topper_inbox SET state = 2, done_at = NULL, last_error = 'the ledger is down'")
    stop.wait()


class Case:
    """A job: the settings of its receiver, what is done to it, the alerts that must fire, and those that may."""

    def __init__(self, act, fires=(), may=(), is_proven=True, first=(), **settings):
        self.act, self.fires, self.may = act, set(fires), set(may)
        self.is_proven, self.first, self.settings = is_proven, first, settings


CASES = {
    "healthy": Case(healthy),
    "healthy-inbox": Case(healthy, **INBOX),
    # The job that TopperDown is about.
    "topper": Case(end, ["TopperDown"], may=["TopperNoDelivery"]),
    "silent": Case(nothing, ["TopperNoDelivery"]),
    "wrong-key": Case(wrong_key, ["TopperKeyUnproven"], may=["TopperNoDelivery"], is_proven=False),
    "wrong-path": Case(wrong_path, ["TopperNotConfigured"]),
    "unreadable": Case(unreadable, ["TopperEventUnreadable"]),
    "parked": Case(unreadable_field, ["TopperInboxParked", "TopperEventUnreadable"], **INBOX),
    "forged": Case(forged, ["TopperSignatureInvalid"]),
    "stripped": Case(unsigned, ["TopperNothingAccepted"], may=["TopperNoDelivery"]),
    "stranger": Case(
        from_a_stranger, ["TopperSourceForbidden"], first=["--header", f"X-Forwarded-For: {TOPPER}"], **BEHIND_A_PROXY
    ),
    "too-large": Case(too_large, ["TopperBodyTooLarge"]),
    "slow": Case(slow, ["TopperSlow"]),
    "locked": Case(lock_the_store, ["TopperStoreErrors", "TopperRetries"], may=["TopperNoDelivery"]),
    "old": Case(grow_old, ["TopperInboxOld"], may=["TopperNoDelivery"], **INBOX),
    "dead": Case(die, ["TopperInboxDead"], may=["TopperNoDelivery"], **INBOX),
}


def shorter_rules():
    """The rules with their durations shortened, and their labels untouched."""

    def shorten(match):
        return match[0].replace(match[1], SHORT[match[1]])

    changed = []
    for rule in rules.alerts().values():
        rule = {**rule, "expr": re.sub(r"(?:\[|offset )(\d+[smhd])\b", shorten, rule["expr"])}
        if "for" in rule:
            rule["for"] = SHORT_FOR[rule["for"]]
        changed.append(rule)
    return yaml.safe_dump({"groups": [{"name": "topper", "interval": "1s", "rules": changed}]})


class Run:
    """What was started, and is ended; the keys; Prometheus."""

    def __init__(self, folder, bin_folder):
        self.folder, self.bin, self.started = folder, bin_folder, []

    def start(self, command, log, **options):
        with open(log, "wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=self.folder, **options)
        self.started.append(process)
        return process

    def end(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
        for process in self.started:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def make_inputs(self):
        self.key, self.other_key = self.folder / "key.jwk", self.folder / "other.jwk"
        keygen = lambda file: subprocess.run(
            [self.bin / "topper", "keygen", file], capture_output=True, text=True, check=True
        ).stdout
        self.public_key = keygen(self.key)
        keygen(self.other_key)
        self.not_an_event, self.large = self.folder / "not-an-event.json", self.folder / "large.json"
        self.not_an_event.write_text("[]")
        self.large.write_text(json.dumps({"padding": "x" * 300_000}))

    def start_prometheus(self, targets):
        self.prometheus = f"http://127.0.0.1:{free_port()}"
        jobs = [{"job_name": job, "static_configs": [{"targets": [target]}]} for job, target in targets.items()]
        (self.folder / "rules.yml").write_text(shorter_rules())
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "scrape_configs": jobs,
        }))
        address = self.prometheus.removeprefix("http://")
        command = ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb",
                   f"--web.listen-address={address}"]
        self.start(command, self.folder / "prometheus.log")
        wait_for("Prometheus is ready", lambda: get(self.prometheus + "/-/ready").startswith("Prometheus"), 30)
        for job in targets:
            query = f'up{{job="{job}"}} == 1 and on (job) count by (job) ({{__name__=~"topper_.*", job="{job}"}})'
            wait_for(f"{job} is scraped and has metrics", lambda query=query: self.ask(query), 30)

    def ask(self, query):
        """The samples that a query returns."""
        answer = json.loads(get(self.prometheus + "/api/v1/query", query=query))
        if answer["status"] != "success":
            sys.exit(f"{answer['error']}: {query}")
        return answer["data"]["result"]

    def alerts(self):
        """The alerts that fire."""
        answer = json.loads(get(self.prometheus + "/api/v1/alerts"))
        return [alert for alert in answer["data"]["alerts"] if alert["state"] == "firing"]


def job_of(alert):
    return alert["labels"].get("job", "topper")  # TopperDown is about that job alone


def ask_dashboard(run):
    """Every query of the dashboard; returns those without data."""
    empty = []
    for title, query in rules.queries():
        query = query.replace("$__rate_interval", "1m").replace("$job", ".*").replace("$webhook", ".*")
        if "$" in query:
            sys.exit(f"{title}: an unknown variable in {query}")
        values = [sample["value"][1] for sample in run.ask(query)]
        if all(value == "NaN" for value in values):
            empty.append(f"{title}: {query}")
    for variable in rules.dashboard()["templating"]["list"]:
        if variable["type"] == "query":
            metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["definition"]).groups()
            if not any(label in sample["metric"] for sample in run.ask(metric.replace("$job", ".*"))):
                empty.append(f"variable {variable['name']}")
    return empty


def check_target(run, target):
    """The queries against a receiver that is not ours. It may lack what has not happened to it."""
    run.start_prometheus({"topper": target})
    time.sleep(5)
    for name, rule in rules.alerts().items():
        print(f"{name}: {len(run.ask(rule['expr']))} results")
    for query in ask_dashboard(run):
        print(f"no data: {query}")


def act(receiver, case, problems):
    try:
        while not stop.is_set():
            case.act(receiver)
            stop.wait(0.3)
    except (Exception, SystemExit) as error:  # of a thread, which would end in silence
        problems.append(f"{receiver.name}: {error!r}")


def check_receivers(run):
    begun = time.monotonic()
    run.make_inputs()
    receivers = {name: Receiver(run, name, case.settings) for name, case in CASES.items()}
    for name, receiver in receivers.items():
        receiver.check_zeros()
    run.start_prometheus({name: f"127.0.0.1:{receiver.admin}" for name, receiver in receivers.items()})
    for name, receiver in receivers.items():
        if CASES[name].is_proven and '"status":200' not in receiver.send(EVENT, *CASES[name].first).replace(" ", ""):
            sys.exit(f"{name}: a genuine delivery is not answered with 200{receiver.end_of_log()}")
    processed = 'sum by (job) (topper_deliveries_total{reply=~"processed|accepted"}) > 0'
    proven = {name for name, case in CASES.items() if case.is_proven}
    wait_for("each first delivery is scraped",
             lambda: proven <= {sample["metric"]["job"] for sample in run.ask(processed)}, 30)

    problems = []
    threads = [
        threading.Thread(target=act, args=(receivers[name], case, problems), daemon=True)
        for name, case in CASES.items()
    ]
    for thread in threads:
        thread.start()
    fired, missing = {}, {name: set(case.fires) for name, case in CASES.items()}
    end = time.monotonic() + LONGEST
    least = time.monotonic() + 45  # that long the healthy ones are watched at least
    while (any(missing.values()) or time.monotonic() < least) and time.monotonic() < end:
        for alert in run.alerts():
            job, name = job_of(alert), alert["labels"]["alertname"]
            if (job, name) not in fired:
                fired[job, name] = alert
                print(f"{time.monotonic() - begun:4.0f} s  {job}: {alert['annotations']['summary']}", flush=True)
            missing[job].discard(name)
        time.sleep(0.5)

    empty = ask_dashboard(run)
    stop.set()
    for thread in threads:
        thread.join(20)

    problems += [f"{name}: {', '.join(sorted(alerts))} did not fire" for name, alerts in missing.items() if alerts]
    for (job, name), alert in fired.items():
        if name not in CASES[job].fires | CASES[job].may:
            problems.append(f"{job}: {name} fired, and should not have")
        texts = " ".join(alert["annotations"].values())
        if "<" in texts or "{{" in texts or "  " in texts:
            problems.append(f"{name}: a template did not work: {texts}")
    problems += [f"no data: {query}" for query in empty]
    never = set(rules.alerts()) - {name for case in CASES.values() for name in case.fires}
    problems += [f"{name}: no case makes it fire" for name in sorted(never)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        for name, receiver in receivers.items():
            if any(problem.startswith(name + ":") for problem in problems):
                print(receiver.end_of_log(), file=sys.stderr)
    print(f"{len(CASES)} receivers, {len(fired)} alerts fired, {len(rules.queries())} queries, "
          f"{time.monotonic() - begun:.0f} s: {'as expected' if not problems else 'see above'}")
    return not problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bin", type=pathlib.Path, help="the folder with receive-axum and topper")
    parser.add_argument("--target", help="host:port of the /metrics of a receiver that is running already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="check-operations-") as folder:
        run = Run(pathlib.Path(folder), arguments.bin.resolve())
        try:
            if arguments.target:
                check_target(run, arguments.target)
                holds = True
            else:
                holds = check_receivers(run)
        finally:
            stop.set()
            run.end()
    sys.exit(not holds)


main()
