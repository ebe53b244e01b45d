"""Deployment files compared with the product: processes of the Procfile, limits, variables."""

import re
from configparser import ConfigParser
from typing import Any

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
    assert all(service["read_only"] for name, service in services.items() if name != "database")


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


def test_the_image_runs_as_an_ordinary_user_from_packages_whose_hashes_are_checked():
    text = (DEPLOY / "Containerfile").read_text()
    assert "USER salesbrain" in text and "--no-index" in text and "--require-hashes" in text and "HEALTHCHECK" in text
