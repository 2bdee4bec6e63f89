"""One kept-alive connection to a gateway: closed ones are noticed, answers end where they say, doubt is told apart."""

import contextlib
import socket
import ssl
import threading
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.notifications.channels.line import Line, _is_closed
from shared.clock import utc_now
from shared.outbound import OutboundError


def self_signed(folder):
    """A certificate for localhost and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = utc_now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "localhost.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def test_a_closed_connection_is_noticed_before_it_is_used():
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Line(f"http://127.0.0.1:{server.getsockname()[1]}/x", read_seconds=5)

        def serve_twice():
            for _ in range(2):
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve_twice)
        thread.start()
        assert line.get("a=1") == 202
        while line._connection and not _is_closed(line._connection):
            pass
        assert line.get("a=2") == 202
        thread.join(5)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 2", b"rubbish\r\n\r\n"])
def test_a_connection_that_breaks_after_the_question_leaves_doubt(answer):
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Line(f"http://127.0.0.1:{server.getsockname()[1]}/x", read_seconds=5)

        def hang_up():
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(OutboundError) as caught:
            line.get("to=%2B573001112233")
        assert caught.value.uncertain
        thread.join(5)


@pytest.mark.parametrize(
    ("answer", "goes_on"),
    [
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n0:", True),
        (b"HTTP/1.1 202\r\ncontent-LENGTH:0\r\n\r\n", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.0 202 Accepted\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", False),
        (b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n0:\r\n0\r\n\r\n", False),
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 99999\r\n\r\n0:", False),
        (b"HTTP/1.1 202 Accepted\r\n\r\n", False),
    ],
)
def test_the_line_is_kept_only_where_the_end_of_the_answer_is_certain(answer, goes_on):
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Line(f"http://127.0.0.1:{server.getsockname()[1]}/x", read_seconds=20)
        asked = threading.Event()

        def answer_slowly():
            connection, _ = server.accept()
            with connection:
                assert connection.recv(4096).startswith(b"GET /x?to=%2B57 HTTP/1.1\r\nHost: 127.0.0.1:")
                with contextlib.suppress(OSError):  # it may hang up before the last byte
                    for number in range(len(answer)):
                        connection.sendall(answer[number : number + 1])
                asked.wait(20)

        thread = threading.Thread(target=answer_slowly)
        thread.start()
        assert line.get("to=%2B57") == 202
        assert (line._connection is not None) is goes_on
        asked.set()
        thread.join(5)
        line.close()


def test_a_line_on_which_more_came_than_was_announced_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Line(f"http://127.0.0.1:{server.getsockname()[1]}/x", read_seconds=20)
        asked = threading.Event()

        def say_too_much():
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 1\r\n\r\n0: too much")
                asked.wait(20)

        thread = threading.Thread(target=say_too_much)
        thread.start()
        assert line.get("to=%2B57") == 202
        assert line._connection is None
        asked.set()
        thread.join(5)


def test_what_would_end_the_question_early_is_refused():
    with pytest.raises(ValueError, match="encoded"):
        Line("http://127.0.0.1:9/x", read_seconds=5).get("to=1 HTTP/1.1\r\nX: y")


def test_a_gateway_behind_tls_is_asked_who_it_is(tmp_path):
    """A certificate that nobody vouches for is no connection: nothing was asked, so nobody is in doubt."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Line(f"https://localhost:{server.getsockname()[1]}/x", read_seconds=5)

        def shake_hands():
            connection, _ = server.accept()
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True):
                pass

        thread = threading.Thread(target=shake_hands)
        thread.start()
        with pytest.raises(OutboundError) as caught:
            line.get("a=1")
        assert not caught.value.uncertain
        thread.join(5)


@pytest.mark.parametrize("url", ["ftp://x/y", "kannel:13013", ""])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match="an address"):
        Line(url, read_seconds=5)
