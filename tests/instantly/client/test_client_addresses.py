"""URLs to which the client sends the API key: verified TLS only, plain http only to localhost."""

import datetime
import ipaddress
import socket
import ssl
import threading

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from instantly.client import InstantlyClient, errors
from instantly.client.instantly_client import BASE_URL

BODY = b'{"id": "w-1", "name": "Acme"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


def certificate(folder, *names: str) -> tuple[str, str]:
    """Generate a self-signed certificate; return (certificate file, key file)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.datetime.now(datetime.UTC)
    alternatives = [x509.IPAddress(ipaddress.ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(paths[0]), str(paths[1])


@pytest.fixture
def tls_server(tmp_path):
    """Return a function that starts TLS servers on loopback which answer every request with a workspace.

    Yields ``start`` and what was received, decrypted.
    """
    seen: list[bytes] = []
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(listener: socket.socket, context: ssl.SSLContext | None) -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                if plain.recv(7, socket.MSG_PEEK) == b"CONNECT":
                    seen.append(plain.recv(65536))
                    plain.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                with context.wrap_socket(plain, server_side=True) if context else plain as sock:
                    sock.settimeout(10)
                    seen.append(sock.recv(65536))
                    sock.sendall(ANSWER)
            except OSError:
                plain.close()

    def start(*names: str, plain: bool = False) -> tuple[str, str]:
        files = certificate(tmp_path, *names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threads.append(threading.Thread(target=serve, args=(listener, None if plain else context), daemon=True))
        threads[-1].start()
        return f"https://127.0.0.1:{listener.getsockname()[1]}", files[0]

    yield start, seen
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(10)


def test_an_untrusted_certificate_is_refused_once_and_nothing_is_sent(new_client, tls_server, time_):
    start, seen = tls_server
    url, _ = start("127.0.0.1")

    with pytest.raises(errors.TLSFailed, match="could not be verified") as caught:
        new_client(base_url=url).pause_campaign("c-1")

    assert isinstance(caught.value, errors.NetworkError)
    assert not caught.value.retryable and not caught.value.uncertain
    assert seen == [] and time_.slept == []


def test_a_certificate_for_another_host_is_refused(new_client, tls_server, monkeypatch):
    start, seen = tls_server
    url, trusted = start("api.instantly.ai")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", trusted)

    with pytest.raises(errors.TLSFailed):
        new_client(base_url=url).current_workspace()

    assert seen == []


def test_a_session_with_verification_switched_off_verifies_all_the_same(new_client, tls_server):
    start, seen = tls_server
    url, _ = start("127.0.0.1")
    with requests.Session() as session:
        session.verify = False
        with pytest.raises(errors.TLSFailed):
            new_client(base_url=url, session=session).current_workspace()

    assert seen == []


@pytest.mark.parametrize("how", ["environment", "session"])
def test_a_certificate_that_is_trusted_is_accepted(new_client, tls_server, monkeypatch, how):
    start, seen = tls_server
    url, trusted = start("127.0.0.1")
    if how == "environment":
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", trusted)
        assert new_client(base_url=url).current_workspace().id == "w-1"
    else:
        with requests.Session() as session:
            session.verify = trusted
            assert new_client(base_url=url, session=session).current_workspace().id == "w-1"

    assert seen[0].startswith(b"GET /api/v2/workspaces/current ")


def test_behind_a_proxy_the_key_goes_through_a_tunnel(new_client, tls_server, monkeypatch):
    start, seen = tls_server
    url, trusted = start("instantly.example.org")
    monkeypatch.setenv("https_proxy", url.replace("https:", "http:"))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", trusted)

    assert new_client(base_url="https://instantly.example.org").current_workspace().id == "w-1"

    tunnel, request = seen
    assert tunnel.startswith(b"CONNECT instantly.example.org:443") and b"Bearer" not in tunnel
    assert b"Bearer" in request


def test_plain_http_where_tls_is_expected_is_a_network_error(new_client, tls_server):
    start, seen = tls_server
    url, _ = start("127.0.0.1", plain=True)

    with pytest.raises(errors.NetworkError):
        new_client(base_url=url).current_workspace()

    assert not any(b"Bearer" in data for data in seen)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8002", "http://localhost:8002", "http://[::1]:8002", "http://emulator:8002",
        "http://192.168.1.5", "http://10.1.2.3", "http://instantly.test", "https://api.instantly.ai",
    ],
)  # fmt: skip
def test_https_anywhere_and_http_nearby_are_bases(url):
    with InstantlyClient("key-for-a-test", base_url=url) as client:
        assert repr(client) == f"<InstantlyClient {url}/api/v2>"


@pytest.mark.parametrize(
    "url", ["http://api.instantly.ai", "http://8.8.8.8", "http://instantly.ai.", "http://x.example.org"]
)
def test_http_to_the_world_is_refused(url):
    with pytest.raises(ValueError, match="unencrypted"):
        InstantlyClient("key-for-a-test", base_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.instantly.ai",
        "ftp://api.instantly.ai",
        "https://",
        "https://user:pass@api.instantly.ai",
        "https://x/?a=b",
    ],
)
def test_an_invalid_base_url_is_refused(url):
    with pytest.raises(ValueError, match="has to look like"):
        InstantlyClient("key-for-a-test", base_url=url)


@pytest.mark.parametrize("ending", ["", "/", "/api/v2", "/api/v2/"])
def test_the_version_in_the_base_is_not_doubled(ending):
    with InstantlyClient("key-for-a-test", base_url=BASE_URL + ending) as client:
        assert repr(client) == "<InstantlyClient https://api.instantly.ai/api/v2>"
