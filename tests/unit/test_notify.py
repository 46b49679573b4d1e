"""What a service manager hears."""

import os
import socket
import time

import pytest

from agendad.daemon.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path_factory):
    """(address, what was told so far)."""
    folder = tmp_path_factory.mktemp("n")
    address = str(folder / "s") if request.param == "path" else f"@agendad-test-{os.getpid()}-{time.monotonic_ns()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        try:
            listening.bind(address.replace("@", "\0", 1) if address.startswith("@") else address)
        except OSError:
            pytest.skip("NOT TESTED HERE: the system has no such sockets")
        listening.setblocking(False)

        def heard():
            told = []
            while True:
                try:
                    told.append(listening.recv(4096).decode())
                except BlockingIOError:
                    return told

        yield address, heard


def test_each_word_is_a_datagram_of_its_own(manager):
    address, heard = manager
    notifier = Notifier(address)
    notifier.ready()
    notifier.status("looks again\nby noon")
    notifier.status("looks again by noon")
    notifier.stopping()
    assert heard() == ["READY=1", "STATUS=looks again by noon", "STOPPING=1"]


def test_reloading_tells_when_it_began(manager):
    address, heard = manager
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    Notifier(address).reloading()
    first, second = heard()[0].split("\n")
    assert first == "RELOADING=1"
    assert before <= int(second.removeprefix("MONOTONIC_USEC=")) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def test_signs_of_life_come_at_half_of_the_managers_patience(manager):
    address, heard = manager
    ran = [0.0]
    notifier = Notifier(address, watchdog=20.0, monotonic=lambda: ran[0])
    for _ in range(40):
        ran[0] += 1.0
        notifier.beat()
    assert heard() == ["WATCHDOG=1"] * 5


@pytest.mark.parametrize(
    ("environ", "every"),
    [
        ({"WATCHDOG_USEC": "3000000"}, 1.5),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}, 1.5),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({}, None),
    ],
)
def test_watchdog_is_fed_as_the_environment_says(environ, every):
    assert Notifier.from_environ({"NOTIFY_SOCKET": "/run/notify", **environ}).every == every


@pytest.mark.parametrize("address", ["", "/", "@", "vsock:2:1234", "relative", "/nowhere/at/all", "/x" * 200])
def test_socket_that_cannot_be_used_is_no_error(address):
    notifier = Notifier.from_environ({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000"})
    notifier.ready()
    notifier.beat()
    notifier.reloading()
