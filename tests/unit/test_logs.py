"""What the service tells, to people and to machines."""

import io
import json
import logging
import sys

import pytest

from agendad.daemon import logs
from agendad.providers.errors import AccountUnavailable


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(params=[io.StringIO, Terminal], ids=["journal", "terminal"])
def told(request, monkeypatch):
    """Every line that is told, and whether people read it."""
    stream, before = request.param(), logging.getLogger().handlers[:]
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure()
    yield stream
    logging.getLogger().handlers[:] = before


@pytest.fixture
def journal(monkeypatch):
    stream, before = io.StringIO(), logging.getLogger().handlers[:]
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.getLogger().handlers[:] = before


def test_decision_is_one_object_with_what_machines_look_for(journal):
    facts = {"id": "4f2a", "state": "sent", "action": "nudge", "code": "agenda.missing", "account": "work"}
    logs.tell("decision", "4f2a sent nudge", **facts)
    (line,) = journal()
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "decision", "level": "info", "message": "4f2a sent nudge", **facts}


@pytest.mark.parametrize(
    "secret",
    [
        "grace@example.org",
        "https://calendar.example/x?token=abc",
        "ya29." + "a1B2" * 20,
        "eyJhbGciOi" * 6,
        "\x1b[31m",
        "\u202e",
    ],
)
def test_no_address_token_or_control_is_told(told, secret):
    logs.tell("account", f"it said {secret}", title=f"Mentoring {secret}", error=f"{secret}!")
    assert secret.partition("?")[2] or secret not in told.getvalue()
    assert "token=" not in told.getvalue()
    assert "Mentoring" not in told.getvalue()


def test_one_line_whatever_is_in_it(told):
    logs.tell("account", "one\nFAKE two\r\nthree")
    assert told.getvalue().count("\n") == 1


def test_modules_of_ours_are_quoted_and_libraries_are_not(journal):
    logging.getLogger("agendad.providers.google").warning("account %s answers slowly", "work")
    logging.getLogger("googleapiclient").warning("GET https://example.org/?access_token=%s", "abc")
    ours, theirs = journal()
    assert (ours["message"], ours["level"]) == ("account work answers slowly", "warning")
    assert theirs["logger"] == "googleapiclient"
    assert "abc" not in json.dumps(theirs)


def logged(error):
    """An error as a module logs it."""
    try:
        _raise(error)
    except type(error):
        logging.getLogger("agendad.daemon").exception("account work")


def _raise(error):
    raise error


def test_fault_is_told_by_its_kind_and_place_and_not_by_its_words(journal):
    logged(ValueError("grace's secret plan"))
    (line,) = journal()
    assert line["error"] == "ValueError"
    assert any("_raise" in place for place in line["where"])
    assert "plan" not in json.dumps(line)


def test_errors_that_are_written_for_people_are_told_whole(journal):
    logged(AccountUnavailable("It is away.", not_done="Nothing was read.", next_step="Wait."))
    assert "It is away. Nothing was read. Wait." in journal()[0]["error"]
