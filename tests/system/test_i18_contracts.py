"""GET /openapi.json and /asyncapi.json: valid by their official schemas, complete, true, and guarded as actions are."""

import os
import re
import subprocess

import pytest

from harness.documented import read_table
from harness.process import BUILD, SOURCE
from harness.proxy import SECRETS
from harness.web import ALL_PLUGINS, Web, basic, listeners

PATHS = ["/openapi.json", "/asyncapi.json"]
VALIDATE = os.path.join(SOURCE, "tests", "clients", "validate_contract.js")


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def catalogue():
    rows = re.findall(r"^    (ONE|LIST|EVENT|TEXT)\(\"([^\"]+)\", (.*)\),$", read("core", "ami", "catalogue.c"), re.M)
    return {name: (shape, rest) for shape, name, rest in rows}


@pytest.mark.parametrize("path", PATHS)
def test_contracts_are_valid_by_the_official_schemas(web, tmp_path, path):
    """tests/clients/validate_contract.js has the schemas of the two initiatives (npm), and ajv."""
    answer = web().get(path)
    assert answer.status == 200 and answer.get("Content-Type").startswith("application/json")
    file = tmp_path / "contract.json"
    file.write_bytes(answer.body)
    environment = {**os.environ, "NODE_PATH": os.path.join(BUILD, "clients", "node_modules")}
    done = subprocess.run(
        ["node", VALIDATE, path.strip("/").split(".")[0], file],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and done.stdout == "valid\n", done.stdout + done.stderr


def test_each_action_of_the_catalogue_is_described(web):
    contract = web().get("/openapi.json").json()
    assert contract["openapi"].startswith("3.1.")
    paths = contract["paths"]
    shapes = {"ONE": "single", "LIST": "list", "EVENT": "event", "TEXT": "text"}
    actions = catalogue()
    assert {path.removeprefix("/actions/") for path in paths if path.startswith("/actions/")} == set(actions)
    for name, (shape, rest) in actions.items():
        post = paths["/actions/" + name]["post"]
        assert post["x-shape"] == shapes[shape] and post["operationId"] == name
        words = rest.replace("SYSTEM_REPORTING", "CLASS_SYSTEM | CLASS_REPORTING").split(",")[0]
        classes = set(re.findall(r"CLASS_(\w+)", words))
        assert set(filter(None, post["x-class"].split(","))) == {word.lower() for word in classes}
        assert ("changes" in post["x-effect"]) == ("CHANGES" in rest)
    originate = paths["/actions/Originate"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert originate["required"] == ["Channel"] and originate["properties"]["Variable"]["$ref"].endswith("/Variables")
    status = paths["/actions/QueueStatus"]["post"]
    assert status["x-items"] == ["QueueParams", "QueueMember", "QueueEntry"]
    assert status["x-completion"] == "QueueStatusComplete"


def test_the_codes_are_those_of_the_manual(web):
    codes = web().get("/openapi.json").json()["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    section = read("contrib", "man", "astmanproxy.8").split(".Sh ERROR CODES")[1].split(".Sh ")[0]
    assert [*codes, "error"] == re.findall(r"^\.It Cm (\S+)", section, re.M)


def test_each_event_is_described_with_its_headers(web):
    contract = web().get("/asyncapi.json").json()
    messages, schemas = contract["components"]["messages"], contract["components"]["schemas"]
    for event in read_table():
        message = messages[event["name"]]
        assert message["x-class"] == event["classes"] and message["x-origin"] == "asterisk"
        (named,) = [part["properties"] for part in message["payload"]["allOf"] if "properties" in part]
        assert set(named) == {"Event", *event["headers"]}
        refs = {part["$ref"].rsplit("/", 1)[1] for part in message["payload"]["allOf"] if "$ref" in part}
        wanted = {prefix + "ChannelBlock" for prefix in event["channels"]}
        assert refs == wanted | {prefix + "BridgeBlock" for prefix in event["bridges"]} | {"Message"}
        assert refs <= set(schemas)
    assert "DestUniqueid" in schemas["DestChannelBlock"]["properties"]
    for name in ("ServerDown", "ServerUp", "EventsSkipped", "ResumePoint", "Resumed", "ProxyShutdown"):
        assert messages[name]["x-origin"] == "proxy"
    for channel in ("events", "ws", "exports"):
        assert set(messages) - {"Action", "Answer"} <= set(contract["channels"][channel]["messages"])


@pytest.mark.parametrize("path", PATHS)
def test_contracts_need_a_login_unless_reports_do_not(start_web, web, pbx, path):
    assert web(None).get(path).status == 401
    assert web(basic(secret="wrong")).get(path).status == 401
    client = web()
    assert client.get(path).status == 200
    assert client.get("/?Action=Ping").status == 200
    assert client.post("{}", "application/json", target=path).status == 405
    assert client.get(path, Origin="https://evil.example").status == 403
    client = web()
    client.send_raw(client.head("HEAD", path))
    answer = client.read(bodiless=True)
    assert answer.status == 200 and int(answer.get("Content-Length")) > 10000
    assert client.get("/?Action=Ping").status == 200


@pytest.mark.parametrize("path", PATHS)
def test_contracts_without_a_login(start_proxy, pbx, path):
    proxy = start_proxy({"pbx1": pbx}, listen=listeners(reports=True), plugins=ALL_PLUGINS)
    client = Web(proxy.addresses[1], None)
    answer = client.get(path)
    assert answer.status == 200 and not [secret for secret in SECRETS if secret in answer.text]
    assert client.get("/metrics").status == 200
    assert client.get(path, Origin="https://evil.example").status == 403
    client.close()
