"""Deployment files compared with the product: processes of the Procfile, limits, variables."""

import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from instantly.webhooks.body import MAX_BYTES
from salesbrain.kernel.env import BASE_DIR

DEPLOY = BASE_DIR / "deploy"
ONLY_LOCAL = {"emulator"}
PYTHON = re.compile(r"^(exec )?(/srv/salesbrain/\.venv/bin/)?python ")


def plain(command: str) -> str:
    """Return a command without the parts that differ between the files: interpreter, address, port."""
    return re.sub(r"--host \S+ --port \S+", "--host HOST --port PORT", PYTHON.sub("", command))


def procfile() -> dict[str, str]:
    lines = (
        line.partition(": ") for line in (BASE_DIR / "Procfile").read_text().splitlines() if line and line[0] != "#"
    )
    return {name: plain(command) for name, _, command in lines if name not in ONLY_LOCAL}


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None, strict=False, delimiters=["="])
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "systemd" / name)
    return parser


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return read


TEXT, TEXTS, PAIRS = {"type": "string"}, {"type": "array", "items": {"type": "string"}}, {"type": "object"}
SERVICE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["image", "restart"],
    "properties": {
        "build": {"type": "object", "additionalProperties": False, "properties": {"context": TEXT, "dockerfile": TEXT}},
        "image": TEXT, "command": TEXT, "entrypoint": TEXTS, "env_file": TEXT, "environment": PAIRS, "profiles": TEXTS,
        "read_only": {"type": "boolean"}, "tmpfs": TEXTS, "volumes": TEXTS, "ports": TEXTS,
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "depends_on": {"additionalProperties": {"properties": {"condition": {"enum": ["service_healthy", "service_started"]}}}},
        "healthcheck": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "test": TEXTS, "interval": TEXT, "timeout": TEXT, "start_period": TEXT, "disable": {"type": "boolean"},
            },
        },
    },
}  # fmt: skip
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "patternProperties": {"^x-": {}},
    "properties": {
        "services": {"additionalProperties": SERVICE},
        "volumes": {"additionalProperties": {"type": "null"}},
    },
}
"""The part of the Compose specification that we use: a misspelled or misplaced key would be ignored by some engines."""


def test_compose_has_only_keys_of_the_specification_and_names_only_its_own_volumes():
    read = compose()
    jsonschema.validate(read, SCHEMA)
    for service in read["services"].values():
        sources = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        assert {source for source in sources if not source.startswith("./")} <= set(read["volumes"])
        assert all((DEPLOY / source).exists() for source in sources if source.startswith("./"))
        assert set(service.get("depends_on", {})) <= set(read["services"])
    plugin = (
        subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if shutil.which("docker")
        else None
    )
    if plugin and plugin.returncode == 0:  # the program itself, where it is installed: it needs no engine for that
        said = subprocess.run(
            ["docker", "compose", "-f", DEPLOY / "compose.yaml", "config", "--no-interpolate", "--no-env-resolution", "-q"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert said.returncode == 0, said.stderr


def test_the_schema_of_compose_refuses_a_misspelled_key():
    read = compose()
    read["services"]["web"]["read_olny"] = True
    with pytest.raises(jsonschema.ValidationError, match="read_olny"):
        jsonschema.validate(read, SCHEMA)


def test_only_the_web_is_asked_for_its_health_and_by_the_check_of_the_image():
    services = compose()["services"]
    asked = {name: service["healthcheck"] for name, service in services.items() if "build" in service}
    assert [name for name, check in asked.items() if not check.get("disable")] == ["web"]
    assert asked["web"]["test"] == ["CMD", "python", "deploy/healthcheck.py"]
    assert '["python", "deploy/healthcheck.py"]' in (DEPLOY / "Containerfile").read_text()


def test_systemd_accepts_the_units(tmp_path: Path):
    """With the interpreter of this checkout in place of /srv/salesbrain's: systemd looks whether it can be executed."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze here: apt-get install systemd")
    units = []
    for path in sorted((DEPLOY / "systemd").iterdir()):
        text = path.read_text().replace("/srv/salesbrain/.venv/bin/python", sys.executable)
        units.append(tmp_path / path.name)
        units[-1].write_text(text.replace("User=salesbrain\n", ""))  # there is no such user here
    said = subprocess.run(
        [program, "verify", "--man=no", "--recursive-errors=no", *units], capture_output=True, text=True, check=False
    )
    about_ours = [line for line in (said.stdout + said.stderr).splitlines() if "salesbrain" in line]
    assert (said.returncode, about_ours) == (0, [])
    assert len(units) == 5
    units[0].write_text(units[0].read_text().replace("Restart=always", "Restrat=always"))
    wrong = subprocess.run(
        [program, "verify", "--man=no", "--recursive-errors=no", units[0]], capture_output=True, text=True, check=False
    )
    assert "Restrat" in wrong.stderr


def test_systemd_starts_the_processes_of_the_procfile():
    names = {
        path.name.removeprefix("salesbrain-").removesuffix(".service")
        for path in (DEPLOY / "systemd").glob("*.service")
    }
    started = {name: plain(unit(f"salesbrain-{name}.service")["Service"]["ExecStart"]) for name in names}
    assert started == procfile()
    wanted = unit("salesbrain.target")["Unit"]["Wants"].split()
    assert {name.removeprefix("salesbrain-").removesuffix(".service") for name in wanted} == names


def test_compose_starts_the_processes_of_the_procfile_and_a_database():
    services = compose()["services"]
    others = {"database", "bootstrap"}
    assert {name: plain(service["command"]) for name, service in services.items() if name not in others} == procfile()
    assert others <= services.keys()
    assert all(service["read_only"] for service in services.values() if "build" in service)


@pytest.mark.parametrize("name", sorted(procfile()))
def test_every_unit_restarts_runs_unprivileged_and_writes_in_one_folder(name):
    service = unit(f"salesbrain-{name}.service")["Service"]
    assert (service["Restart"], service["User"], service["ProtectSystem"]) == ("always", "salesbrain", "strict")
    assert service["ReadWritePaths"] == "/srv/salesbrain/.local"


def test_nginx_lets_the_largest_delivery_through_and_names_client_and_scheme():
    text = (DEPLOY / "nginx.conf").read_text()
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(megabytes) * 1024 * 1024 > max(MAX_BYTES, 12 * 1024 * 1024)
    proxied = [block for block in re.findall(r"location [^{]*\{(.*?)\n    \}", text, re.S) if "proxy_pass" in block]
    assert len(proxied) == 3 and all("X-Forwarded-Proto" in block and "Host $host" in block for block in proxied)


def test_every_variable_that_a_deployment_file_names_is_one_that_is_read():
    known = set(re.findall(r"^([A-Z][A-Z0-9_]+)=", (BASE_DIR / ".env.example").read_text(), re.M))
    for path in (DEPLOY / "compose.yaml", DEPLOY / "pgbouncer.ini", DEPLOY / "nginx.conf"):
        named = set(re.findall(r"\b((?:DATABASE|SETUP|TRUSTED|INSTANTLY|EMAIL|PUBLIC)_[A-Z_]+)\b", path.read_text()))
        assert named <= known, path.name


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_request_by_address_in_the_install_page_names_the_host(language):
    """Without a Host header Django answers 400, because the address is not in ALLOWED_HOSTS."""
    text = (BASE_DIR / "docs" / language / "install.md").read_text(encoding="utf-8")
    asked = [line for line in text.splitlines() if "curl " in line and "127.0.0.1" in line]
    assert asked and all("Host: " in line for line in asked)


SAID_IN_GERMAN = {
    "ADRESSE-IHRER-KOPIE": "ADDRESS-OF-YOUR-COPY",
    "AUSGECHECKTE-ALTE-VERSION": "CHECKOUT-OF-THE-OLD-RELEASE",
    "ALTE-VERSION": "OLD-RELEASE",
    "IHR-NAME": "YOUR-NAME",
    "PASSWORT": "PASSWORD",
    "SIE@AGENTUR.EXAMPLE": "YOU@AGENCY.EXAMPLE",
    "vorher.dump": "before.dump",
}


def commands_of(language: str) -> list[str]:
    """Return the commands of the install page, without comments and with the English words for what is replaced."""
    text = (BASE_DIR / "docs" / language / "install.md").read_text(encoding="utf-8")
    for german, english in SAID_IN_GERMAN.items():
        text = text.replace(german, english)
    return [re.sub(r"\s+# .*", "", line[4:]) for line in text.splitlines() if line.startswith("    ")]


def test_both_install_pages_have_the_same_commands():
    assert commands_of("de") == commands_of("en")
    assert len(commands_of("en")) > 30


def test_the_image_runs_as_an_ordinary_user_from_packages_whose_hashes_are_checked():
    text = (DEPLOY / "Containerfile").read_text()
    assert "USER salesbrain" in text and "--no-index" in text and "--require-hashes" in text and "HEALTHCHECK" in text
