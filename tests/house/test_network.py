"""No test reaches beyond this machine, and this test proves that the wall stands."""

import socket

import pytest
from pytest_socket import SocketBlockedError, SocketConnectBlockedError


def test_network_beyond_this_machine_is_blocked() -> None:
    with pytest.raises((SocketBlockedError, SocketConnectBlockedError)):
        socket.create_connection(("203.0.113.1", 80), timeout=0.2)
