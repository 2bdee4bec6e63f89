"""The proxy does to connections what it says."""

import socket
import socketserver
import threading

import pytest

from tests.chaos.proxy import Proxy


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(100):
            self.request.sendall(data)


@pytest.fixture
def proxy():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made = Proxy(server.server_address).start()
        yield made
        made.close()
        server.shutdown()


def connect(proxy):
    client = socket.create_connection(("127.0.0.1", proxy.port), timeout=5)
    client.sendall(b"hello")
    return client


def test_it_forwards_both_ways(proxy):
    with connect(proxy) as client:
        assert client.recv(100) == b"hello"


def test_a_reset_breaks_what_is_open_and_lets_new_ones_through(proxy):
    with connect(proxy) as client:
        client.recv(100)
        assert proxy.reset() == 1
        with pytest.raises(ConnectionResetError):
            client.recv(100)
    with connect(proxy) as client:
        assert client.recv(100) == b"hello"


def test_half_open_connections_hear_nothing_and_break_when_healed(proxy):
    with connect(proxy) as old:
        old.recv(100)
        proxy.silence()
        with connect(proxy) as new:
            for client in (old, new):
                client.sendall(b"anybody?")
                client.settimeout(0.2)
                with pytest.raises(TimeoutError):
                    client.recv(100)
            proxy.heal()
            for client in (old, new):
                client.settimeout(5)
                with pytest.raises(ConnectionResetError):
                    client.recv(100)
    with connect(proxy) as client:
        assert client.recv(100) == b"hello"


def test_a_stranded_connection_stays_so_for_good_while_new_ones_work(proxy):
    with connect(proxy) as old:
        old.recv(100)
        proxy.strand()
        old.sendall(b"anybody?")
        with connect(proxy) as new:
            assert new.recv(100) == b"hello"
        proxy.heal()
        old.settimeout(0.2)
        with pytest.raises(TimeoutError):
            old.recv(100)


def test_without_a_server_a_client_is_sent_away(proxy):
    proxy.target = ("127.0.0.1", 1)
    with connect(proxy) as client:
        assert client.recv(100) == b""
