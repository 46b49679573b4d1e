"""What nobody can make agendad do: each test stands for lines of docs/security.md."""

import json
import re
import resource
import socket
import stat
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from end_to_end.conftest import COMMAND, CONFIG, NOW
from simulators.loopback.certificates import certified

THURSDAY = {"start": "20261203T160000Z", "end": "20261203T163000Z"}
ACT = CONFIG.replace("version: 1", "version: 1\nmode: act") + "mail: {transport: file, path: outbox}\n"
STRANGER = CONFIG.replace("    met: true\n", "").replace("version: 1", "version: 1\nmode: act")
TOKEN = "an-access-token-that-must-not-show"  # noqa: S105 - made up
PASSWORD = "a-password-that-must-not-show"  # noqa: S105
FROM_ADA = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Calendar//EN
BEGIN:VEVENT
UID:{uid}@elsewhere.example
DTSTAMP:20261120T090000Z
DTSTART:20261203T160000Z
DTEND:20261203T163000Z
SUMMARY:Mentoring: Ada and Grace
ORGANIZER;{organizer}
ATTENDEE;PARTSTAT={answer}:mailto:grace@example.org
END:VEVENT
END:VCALENDAR
"""


def mails(home):
    return [path.read_text("utf-8") for path in sorted((home.folder / "outbox").glob("*.eml"))]


def over_days(home):
    """Every look until the session begins."""
    return [
        action
        for day in ("2026-11-30T08:30:00-05:00", "2026-12-01T08:30:00-05:00", "2026-12-02T08:30:00-05:00")
        for action in home.run("run", "--once", "--json", now=day).json["actions"]
    ]


@contextmanager
def counted_callers(context=None):
    """(port, callers): who connects to a port on loopback, and the first bytes that each sends."""
    callers: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def answer():
        while True:
            try:
                caller, _ = server.accept()
            except OSError:
                return
            callers.append(b"")
            with caller:
                caller.settimeout(5)
                try:
                    if context is not None:
                        caller = context.wrap_socket(caller, server_side=True)
                    callers[-1] = caller.recv(4096)
                except OSError:
                    pass

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield server.getsockname()[1], callers
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(10)


# what stands in an invite


def test_links_in_an_invite_are_never_fetched(home):
    home.configure(ACT)
    with counted_callers() as (port, callers):
        link = f"http://127.0.0.1:{port}/seen"
        extra = (
            f"URL:{link}\nATTACH:{link}\nLOCATION:{link}\nCONFERENCE;VALUE=URI:{link}\n"
            f'X-ALT-DESC;FMTTYPE=text/html:<img src="{link}"><link rel="stylesheet" href="{link}"><p>hi</p>\n'
            f"X-GOOGLE-CONFERENCE:{link}\nIMAGE;VALUE=URI:{link}\nEND:VEVENT"
        )
        path = home.invite("bad.ics", **THURSDAY, body=f"Agenda: {link}")
        path.write_text(path.read_text("utf-8").replace("END:VEVENT", extra), "utf-8")
        over_days(home)
        for command in (["summary", "--send"], ["explain", "bad"], ["doctor"], ["lint", "calendar"]):
            home.run(*command)
        assert callers == []


def test_what_an_invite_says_is_no_template_and_no_header(home):
    home.configure(ACT)
    title = "Mentoring {{ 7 * 7 }} {% include '/etc/passwd' %} ${HOME}"
    home.invite("bad.ics", **THURSDAY, title=title + r"\nBcc: everyone@example.com")
    nudge, *_ = over_days(home)
    assert nudge["effect"] == "mail"
    for mail in mails(home):
        head, _, body = mail.partition("\n\n")
        assert "everyone@example.com" not in re.sub("^Subject:.*(?:\n[ \t].*)*", "", head, flags=re.MULTILINE)
        assert "49" not in body.replace("=\n", "").split("Mentoring", 1)[-1][:20]
        assert "root:" not in body
    shown = home.run("explain", "bad").out
    assert "{{ 7 * 7 }}" in shown


@pytest.mark.parametrize(
    "organizer",
    [
        "CN=Ada Lovelace:mailto:ada@example.net",
        'CN="ada@example.com":mailto:evil@example.net',
        "CN=Ada Lovelace:mailto:ada@ехample.com",
        'CN=Ada;SENT-BY="mailto:ada@example.com":mailto:evil@example.net',
        "CN=Ada:mailto:ada@example.com.evil.example",
    ],
    ids=["name", "address as name", "look-alike", "sent by", "longer domain"],
)
def test_who_only_calls_themselves_the_mentor_is_a_stranger(home, organizer):
    home.configure(ACT)
    text = FROM_ADA.format(uid="spoof", organizer=organizer, answer="ACCEPTED")
    (home.calendar / "spoof.ics").write_text(text, "utf-8")
    assert [action for action in over_days(home) if action["effect"] != "ask"] == []
    assert all("To: grace@example.org" in mail for mail in mails(home)), "the user's own summary at most"


def test_invite_in_the_mentors_name_is_not_acted_on_by_that_alone(home):
    home.configure(STRANGER + "mail: {transport: file, path: outbox}\n")
    text = FROM_ADA.format(uid="spoof", organizer="CN=Ada:mailto:ada@example.com", answer="NEEDS-ACTION")
    (home.calendar / "spoof.ics").write_text(text, "utf-8")
    before = (home.calendar / "spoof.ics").read_bytes()
    outward = [one for one in over_days(home) if one["effect"] != "ask" and one["to"] != ["grace@example.org"]]
    assert outward == []
    assert all("To: grace@example.org" in mail for mail in mails(home))
    assert (home.calendar / "spoof.ics").read_bytes() == before


# what is on the machine


def test_nothing_in_the_state_folder_is_anybody_elses_to_read(home):
    home.configure(ACT)
    home.invite("bad.ics", **THURSDAY)
    for command in (["run", "--once"], ["summary", "--send"]):
        environ = {**home.environ, "AGENDAD_NOW": NOW}
        subprocess.run([COMMAND, *command], cwd=home.folder, env=environ, umask=0, check=True, capture_output=True)
    state = home.folder / "state"
    for path in (state, *state.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_secrets_are_in_no_file_no_output_and_no_process_list(home, post):
    home.configure(
        ACT.partition("mail:")[0].replace(
            "accounts:",
            "accounts:\n  - {name: work, provider: google, calendars: [primary], client_secrets: none.json, "
            "api_root: 'http://127.0.0.1:9/calendar/v3', auth: {method: token, env: WORK_TOKEN}}",
        )
        + f"mail: {{transport: smtp, host: 127.0.0.1, port: {post.port}, security: none, from: grace@example.org, "
        "username: grace, auth: {method: password, env: MAIL_PASSWORD}}\n"
    )
    home.invite("bad.ics", **THURSDAY)
    secret = {"WORK_TOKEN": TOKEN, "MAIL_PASSWORD": PASSWORD}
    told = [
        (result.out + result.err)
        for command in (["run", "--once", "--json"], ["mail", "test"], ["doctor"], ["summary"], ["check"], ["status"])
        for result in [home.run(*command, environ=secret)]
    ]
    kept = [path.read_bytes() for path in (home.folder / "state").rglob("*") if path.is_file()]
    for word in (TOKEN, PASSWORD):
        assert not any(word in text for text in told)
        assert not any(word.encode() in content for content in kept)
    service = subprocess.Popen(
        [COMMAND, "run"], cwd=home.folder, env={**home.environ, **secret, "AGENDAD_NOW": NOW},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        seen = service.stdout.readline() if service.stdout else b""
        line = Path(f"/proc/{service.pid}/cmdline").read_bytes()
        limits = resource.prlimit(service.pid, resource.RLIMIT_CORE)
    finally:
        service.terminate()
        rest = service.communicate(timeout=30)[0]
    assert limits == (0, 0), "a crash leaves no memory behind"
    for word in (TOKEN.encode(), PASSWORD.encode()):
        assert word not in line
        assert word not in seen + rest


# servers


@pytest.fixture(scope="module")
def unvouched(tmp_path_factory):
    """A TLS server's side, signed by somebody whom nobody trusts."""
    return certified(tmp_path_factory.mktemp("tls"))[1]


GOOGLE = (
    "{{name: work, provider: google, calendars: [primary], client_secrets: none.json, "
    "api_root: 'https://localhost:{port}/calendar/v3', auth: {{method: token, env: WORK_TOKEN}}}}"
)
OUTLOOK = (
    "{{name: work, provider: outlook, calendars: [default], client_id: x, "
    "authority: 'https://localhost:{port}/consumers', "
    "api_root: 'https://localhost:{port}/v1.0', auth: {{method: token, env: WORK_TOKEN}}}}"
)


CALDAV = (
    "{{name: work, provider: caldav, url: 'https://localhost:{port}/dav/', username: grace, "
    "auth: {{method: password, env: WORK_TOKEN}}}}"
)


@pytest.mark.parametrize("account", [GOOGLE, OUTLOOK, CALDAV], ids=["google", "outlook", "caldav"])
def test_server_that_nobody_vouches_for_is_told_no_token(home, unvouched, account):
    with counted_callers(unvouched) as (port, callers):
        home.configure(
            CONFIG.replace("  - {name: home, provider: ics, path: calendar}", "  - " + account.format(port=port))
        )
        result = home.run("run", "--once", "--json", environ={"WORK_TOKEN": TOKEN})
    assert result.status == 1
    (report,) = result.json["accounts"]
    assert not report["ok"]
    assert "certificate" in report["error"].lower()
    assert callers, "it was asked"
    assert set(callers) == {b""}


def test_configuration_has_no_switch_that_turns_the_check_of_certificates_off(home):
    schema = home.run("check", "--schema").out
    keys = {key for shape in [json.loads(schema), *json.loads(schema)["$defs"].values()]
            for key in shape.get("properties", {})}  # fmt: skip
    assert [key for key in keys if re.search("verify|insecure|trust|tls|ssl|certificate", key)] == []
