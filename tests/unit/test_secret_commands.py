"""A program that prints a secret, or something else."""

import sys
import time

import pytest

from agendad.daemon import secret_sources
from agendad.daemon.config_shapes import SecretSource
from agendad.daemon.secret_sources import KeyringEntry, SecretMissing


def printed(code):
    source = SecretSource(command=(sys.executable, "-c", code))
    return secret_sources.read(source, KeyringEntry("service", "user"), {}, noun="password")


def test_first_line_of_what_a_command_prints_is_the_secret():
    assert printed("print('hunter2'); print('a second line')") == "hunter2"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("while True: print('hunter2' * 1000)", "printed more than 65,536 bytes"),
        ("import sys; print('hunter2'); sys.exit(3)", "ended with status 3"),
        ("pass", "empty or not set"),
        ("print()", "empty or not set"),
    ],
)
def test_command_that_gives_no_secret_is_told_at_once_and_not_quoted(code, said):
    begun = time.monotonic()
    with pytest.raises(SecretMissing, match=said) as told:
        printed(code)
    assert time.monotonic() - begun < 20
    assert told.value.next_step
    assert "hunter2" not in str(told.value)


def test_command_that_is_not_there_or_takes_too_long_is_told(monkeypatch):
    monkeypatch.setattr(secret_sources, "_COMMAND_TIMEOUT", 0.5)
    with pytest.raises(SecretMissing, match=r"gave no password in 0\.5 seconds"):
        printed("import time; time.sleep(60)")
    with pytest.raises(SecretMissing, match="could not be started"):
        secret_sources.read(
            SecretSource(command=("/nowhere/at-all",)), KeyringEntry("service", "user"), {}, noun="password"
        )


def test_command_whose_child_holds_its_output_open_is_left_in_time(monkeypatch):
    monkeypatch.setattr(secret_sources, "_COMMAND_TIMEOUT", 0.5)
    source = SecretSource(command=("sh", "-c", "sleep 20; echo secret"))
    begun = time.monotonic()
    with pytest.raises(SecretMissing, match="gave no password in"):
        secret_sources.read(source, KeyringEntry("service", "user"), {}, noun="password")
    assert time.monotonic() - begun < 10
