"""Debian's nginx in front of an installation, with the example of deploy/ on other ports."""

import datetime
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from requests.adapters import HTTPAdapter

from tests.faults.installation import free_port, until

DEPLOY = settings.BASE_DIR / "deploy"
NAME = "localhost"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
AROUND = """daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{}}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/salesbrain.conf;
}}
"""


@dataclass
class Front:
    """A running proxy: its addresses, and the certificate that clients must believe."""

    http: str
    https: str
    authority: Path

    def session(self, source: str = "127.0.0.1") -> requests.Session:
        """Return a client that connects from this address of the loopback."""
        session = requests.Session()
        session.verify = str(self.authority)
        session.trust_env = False
        session.mount("https://", From(source))
        session.mount("http://", From(source))
        return session


class From(HTTPAdapter):
    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, source_address=(self.source, 0))


@contextmanager
def nginx(port: int, folder: Path) -> Iterator[Front]:
    """Run nginx with its example until the block ends; name, certificate and ports are replaced. `port`: the web's."""
    ports = free_port(), free_port()
    authority = certificate(folder)
    (folder / "salesbrain.conf").write_text(adapted((DEPLOY / "nginx.conf").read_text(), port, ports, folder))
    user = "user root;" if os.geteuid() == 0 else ""  # its processes must get into pytest's folder
    main = folder / "nginx.conf"
    main.write_text(AROUND.format(folder=folder, user=user))
    command: list[Any] = [NGINX, "-e", folder / "error.log", "-c", main]
    subprocess.run([*command, "-t", "-q"], check=True)
    with ran(command, folder):
        front = Front(f"http://{NAME}:{ports[0]}", f"https://{NAME}:{ports[1]}", authority)
        until(lambda: listens(front), "nginx answers")
        yield front


def listens(front: Front) -> bool:
    try:
        with front.session() as client:
            return client.get(f"{front.https}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


@contextmanager
def ran(command: list[Any], folder: Path) -> Iterator[None]:
    with (folder / "proxy.log").open("ab") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(30)


def adapted(text: str, port: int, ports: tuple[int, int], folder: Path) -> str:
    """Return nginx's example with what an operator replaces, and with other ports."""
    for pattern, instead in (
        (r"server 127\.0\.0\.1:8001", f"server 127.0.0.1:{port}"),
        (r"listen 80;", f"listen 127.0.0.1:{ports[0]};"),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{ports[1]} ssl;"),
        (r"server_name salesbrain\.example\.com;", f"server_name {NAME};"),
        (r"/etc/letsencrypt/live/salesbrain\.example\.com/fullchain\.pem", f"{folder}/certificate.pem"),
        (r"/etc/letsencrypt/live/salesbrain\.example\.com/privkey\.pem", f"{folder}/key.pem"),
    ):
        text, found = re.subn(pattern, instead, text)
        assert found, f"deploy/nginx.conf has no {pattern}"
    return text


def certificate(folder: Path) -> Path:
    """Write a key and a certificate for NAME that this key signed; return the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    path = folder / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path
