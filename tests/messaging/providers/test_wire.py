"""Surely not sent, or maybe sent: each way a connection can fail, made real on this machine."""

import datetime
import ipaddress
import os
import socket
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from messaging.providers import provider, wire
from messaging.providers.base import Unavailable, Unclear


@pytest.fixture
def listener():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        yield listening


def url(listening, scheme="http"):
    return f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"


def answer_once(listening, answer, *, context=None):
    """Accept one connection, read something, write `answer`, close."""

    def run():
        connection, _ = listening.accept()
        try:
            if context:
                connection = context.wrap_socket(connection, server_side=True)
            connection.recv(65536)
            connection.sendall(answer)
        except OSError:
            pass
        finally:
            connection.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_post_form_times_out_while_connecting_is_unavailable(monkeypatch):
    monkeypatch.setattr(wire, "CONNECT_TIMEOUT", 0.1)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())

        with pytest.raises(Unavailable):
            wire.post_form(url(full), "/", b"", timeout=1)

        for one in waiting:
            one.close()


def test_post_form_without_an_address_is_unavailable(monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(Unavailable):
        wire.post_form("http://apis.example", "/", b"", timeout=1)


def test_post_form_to_a_false_certificate_is_unavailable(listener, tmp_path):
    thread = answer_once(listener, b"", context=self_signed(tmp_path))

    with pytest.raises(Unavailable):
        wire.post_form(url(listener, "https"), "/", b"", timeout=1)

    thread.join(2)


def test_post_form_to_a_certificate_that_is_trusted_is_answered(listener, tmp_path, monkeypatch):
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    thread = answer_once(listener, answer, context=self_signed(tmp_path))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "pair.pem"))

    assert wire.post_form(url(listener, "https"), "/", b"", timeout=1) == (200, b"ok")

    thread.join(2)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}",
    ],
)
def test_post_form_whose_answer_breaks_is_unclear(listener, answer):
    thread = answer_once(listener, answer)

    with pytest.raises(Unclear):
        wire.post_form(url(listener), "/", b"body", timeout=1)

    thread.join(2)


def test_post_form_without_an_answer_in_time_is_unclear(listener):
    with pytest.raises(Unclear):
        wire.post_form(url(listener), "/", b"body", timeout=0.1)


def test_post_form_sends_no_cookie_back(listener):
    asked = []

    def serve():
        connection, _ = listener.accept()
        for _n in range(2):
            asked.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    for _n in range(2):
        wire.post_form(url(listener), "/", b"", timeout=1)
    thread.join(2)

    assert len(asked) == 2 and not any(b"cookie" in head.lower() for head in asked)


def test_post_form_follows_no_redirect(listener):
    thread = answer_once(listener, b"HTTP/1.1 307 Elsewhere\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")

    assert wire.post_form(url(listener), "/send/", b"a=1", timeout=1) == (307, b"")

    thread.join(2)


def test_post_form_through_a_proxy_names_the_whole_address(listener, monkeypatch):
    asked = []

    def serve():
        connection, _ = listener.accept()
        asked.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    monkeypatch.setenv("http_proxy", url(listener))
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    assert wire.post_form("http://behind.example", "/send/", b"a=1", timeout=1) == (200, b"ok")

    thread.join(2)
    assert asked[0].startswith(b"POST http://behind.example/send/ HTTP/1.1")


def test_post_form_without_the_certificates_that_are_set_is_unavailable(listener, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))

    with pytest.raises(Unavailable):
        wire.post_form(url(listener, "https"), "/", b"", timeout=1)


@pytest.mark.parametrize("address", ["behind.example", "http://", "ftp://behind.example", "http://a b/"])
def test_post_form_to_what_is_no_address_is_unavailable(address):
    with pytest.raises(Unavailable):
        wire.post_form(address, "/send/", b"a=1", timeout=1)


def test_a_forked_worker_opens_its_own_connection(aligo_sandbox):
    account = aligo_sandbox.account()
    provider.balance(account)
    before = aligo_sandbox.server.connection_count

    child = os.fork()
    if child == 0:
        try:
            provider.balance(account)
        finally:
            os._exit(0)
    os.waitpid(child, 0)

    assert aligo_sandbox.server.connection_count == before + 1


def self_signed(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = builder.add_extension(here, critical=False)
    file = folder / "pair.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_post_form_of_an_answer_that_drips_is_unclear_before_the_lease_ends(listener, monkeypatch):
    monkeypatch.setattr(wire, "DRIPPING", 0.3)
    stop = threading.Event()

    def drip():
        connection, _ = listener.accept()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with connection:
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    threading.Thread(target=drip, daemon=True).start()
    try:
        with pytest.raises(Unclear):
            wire.post_form(url(listener), "/send/", b"a=1", timeout=0.2)  # each drop comes in time
    finally:
        stop.set()


def test_post_form_keeps_its_connection_for_the_next_call(listener):
    accepted = []

    def serve():
        connection, _ = listener.accept()
        accepted.append(connection)
        for body in (b"first", b"second"):
            read = b""
            while not read.endswith(b"a=1"):  # head and body may come in two pieces
                read += connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    answers = [wire.post_form(url(listener), "/send/", b"a=1", timeout=2) for _n in range(2)]
    thread.join(2)
    accepted[0].close()
    assert answers == [(200, b"first"), (200, b"second")]
