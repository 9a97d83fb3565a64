"""What must agree within kubernetes.yaml; and no key may be in it twice."""

import re
import sys

import yaml

import rules


class Strict(yaml.SafeLoader):
    """Refuses a mapping that has a key twice, as Kubernetes does."""


def mapping(loader, node):
    keys = [loader.construct_object(key) for key, _ in node.value]
    if len(keys) != len(set(keys)):
        sys.exit(f"kubernetes.yaml: a key is there twice at line {node.start_mark.line + 1}")
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)


def main():
    documents = {}
    for document in yaml.load_all((rules.FOLDER / "kubernetes.yaml").read_text(), Strict):
        assert {"apiVersion", "kind", "metadata", } <= set(document), document
        documents[document["kind"]] = document
    pod = documents["Deployment"]["spec"]["template"]["spec"]
    app = documents["Deployment"]["spec"]["template"]["metadata"]["labels"]
    receiver = pod["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in receiver["ports"]}
    env = {variable["name"]: variable.get("value") for variable in receiver["env"]}

    assert documents["Deployment"]["spec"]["selector"]["matchLabels"] == app
    assert documents["Service"]["spec"]["selector"] == app
    assert documents["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == app
    assert documents["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == app
    assert documents["PodDisruptionBudget"]["spec"]["minAvailable"] < documents["Deployment"]["spec"]["replicas"]
    assert (env["PORT"], env["ADMIN_PORT"]) == (str(ports["http"]), str(ports["admin"]))
    assert all(isinstance(value, (str, type(None))) for value in env.values()), "values must be text"
    for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
        assert receiver[probe]["httpGet"]["port"] in ports
    assert documents["Service"]["spec"]["ports"][0]["targetPort"] in ports
    secret = documents["Secret"]["stringData"]
    assert {item["key"] for item in pod["volumes"][0]["secret"]["items"]} <= set(secret)
    assert env["TOPPER_WEBHOOK_PUBLIC_KEY_FILE"] == receiver["volumeMounts"][0]["mountPath"] + "/webhook.jwk"
    # What is in flight takes 5 s at most, and handlers as long.
    assert pod["terminationGracePeriodSeconds"] >= int(env["SHUTDOWN_DELAY"]) + 5 + 5 + 5
    unready = receiver["readinessProbe"]["periodSeconds"] * receiver["readinessProbe"]["failureThreshold"]
    assert unready < int(env["SHUTDOWN_DELAY"]), "it would end before it is taken out"
    # A test floods receivers with the allocator of the unit file.
    unit = (rules.FOLDER / "topper.service").read_text()
    assert f"Environment=LD_PRELOAD={env['LD_PRELOAD']} MALLOC_CONF={env['MALLOC_CONF']}\n" in unit
    # Every variable is one that the programs read.
    read = (rules.FOLDER.parent / "reference" / "environment.md").read_text() + (rules.FOLDER / "running.md").read_text()
    for name in env:
        assert re.search(rf"`{name}`", read), f"{name} is in no table of variables"


main()
