"""`agendad doctor`: the installed command, and things that are really wrong."""

import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.smtp import AuthResult
from end_to_end.conftest import CONFIG, NOW
from end_to_end.test_login import HEADLESS
from end_to_end.test_login import Desk as GoogleDesk
from end_to_end.test_login_outlook import Desk as OutlookDesk
from simulators.google import GoogleSimulator
from simulators.graph import GraphSimulator
from simulators.mailbox import LoopbackServer, Mailbox

from agendad.daemon.clock import SystemClock, parse_instant

WIDTH = 80
SECRET = "correct-horse-battery"  # noqa: S105 - the tests' own
FRIDAY = {"start": "20261204T150000Z", "end": "20261204T153000Z"}
ACTING = CONFIG.replace("version: 1\n", "version: 1\nmode: act\nlimits: {grace: 0h}\n")


def doctor(home, *arguments, **more):
    return home.run("doctor", "--json", *arguments, **more)


def states(result):
    """The worst state of each thing that was looked at."""
    assert result.err == "", result.err
    order = ["ok", "warning", "error"]
    worst = {}
    for check in result.json["checks"]:
        worst[check["name"]] = max(worst.get(check["name"], "ok"), check["state"], key=order.index)
    return worst


def told(result, name, state):
    """Messages and fixes of one thing."""
    found = [one for one in result.json["checks"] if (one["name"], one["state"]) == (name, state)]
    assert found, result.json
    assert state == "ok" or all(one["fix"] for one in found)
    return "; ".join(f"{one['message']} -> {one['fix']}" for one in found)


@pytest.fixture
def settled(home):
    """Somebody whose agendad has looked once."""
    home.invite("one.ics", **FRIDAY)
    assert home.run("run", "--once").status == 0
    return home


# here


def test_all_is_well_after_a_pass(settled):
    result = doctor(settled)
    assert result.status == 0, result.out
    assert result.json["schema"] == "agendad.doctor/1"
    assert {frozenset(check) for check in result.json["checks"]} == {frozenset(("name", "state", "message", "fix"))}
    found = states(result)
    well = ("configuration", "state folder", "disk", "database", "account home", "mail", "last pass", "queue")
    assert {name: found[name] for name in well} == dict.fromkeys(well, "ok")
    assert found["other installations"] == "ok"
    assert "time zones" in found
    if sys.platform == "linux":
        assert "1 folder of calendars" in told(result, "watching", "ok")


def test_lines_have_marks_and_fixes_and_fit_80_columns(settled):
    (settled.folder / "state").chmod(0o777)
    shown = settled.run("doctor").out
    assert "✗ state folder: others may write into" in shown
    assert f"→chmod700{settled.folder / 'state'}" in "".join(shown.split())
    assert "✓ queue: 0 planned, 0 pending, 0 failed, 0 in doubt" in shown
    assert not [line for line in shown.splitlines() if len(line) > WIDTH and str(settled.folder) not in line]


def test_nothing_is_written_where_nothing_was_yet(home):
    result = doctor(home)
    assert result.status == 0
    assert "agendad run --once" in told(result, "database", "warning")
    assert "the first pass makes it" in told(result, "state folder", "ok")
    assert not (home.folder / "state").exists()


@pytest.mark.parametrize(("mode", "state"), [(0o777, "error"), (0o755, "warning"), (0o500, "error")])
def test_rights_of_the_state_folder_are_told_and_the_fix_mends_them(settled, mode, state):
    folder = settled.folder / "state"
    folder.chmod(mode)
    result = doctor(settled)
    assert result.status == int(state == "error")
    fix = told(result, "state folder", state).rpartition("-> ")[2]
    subprocess.run(shlex.split(fix), check=True)
    assert states(doctor(settled))["state folder"] == "ok"


def test_database_that_others_may_read_is_told_and_the_fix_mends_it(settled):
    path = settled.folder / "state" / "agendad.db"
    path.chmod(0o644)
    result = doctor(settled)
    assert result.status == 1
    subprocess.run(shlex.split(told(result, "state folder", "error").rpartition("-> ")[2]), check=True)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("size", [100, 4096, 20000])
def test_truncated_database_is_told_with_how_to_begin_anew(settled, size):
    path = settled.folder / "state" / "agendad.db"
    assert path.stat().st_size > size
    with path.open("r+b") as file:
        file.truncate(size)
    before = path.read_bytes()
    result = doctor(settled)
    assert result.status == 1
    said = told(result, "database", "error")
    assert "is damaged" in said
    assert "restore it from a backup" in said
    assert path.read_bytes() == before
    assert "last pass" not in states(result)


def test_file_that_is_no_database_is_told(settled):
    (settled.folder / "state" / "agendad.db").write_text("no database " * 1000)
    assert "is damaged: file is not a database" in told(doctor(settled), "database", "error")


def test_wrong_configuration_is_told_and_the_rest_is_looked_at_all_the_same(settled):
    settled.configure(CONFIG.replace("Europe/London", "Europe/Londn") + "mood: good\n")
    result = doctor(settled)
    assert result.status == 1
    said = told(result, "configuration", "error")
    assert "did you mean `Europe/London`?" in said
    assert "mood" in said
    assert states(result)["database"] == "ok"


def test_missing_configuration_leads_to_init(home):
    (home.folder / "agendad.yaml").unlink()
    assert "`agendad init` writes one there" in told(doctor(home), "configuration", "error")


def test_configuration_that_others_may_write_is_told(home):
    (home.folder / "agendad.yaml").chmod(0o666)
    assert "chmod go-w" in told(doctor(home), "configuration", "error")


def test_folder_of_calendars_that_is_gone_is_told(settled):
    shutil.rmtree(settled.calendar)
    result = doctor(settled)
    assert result.status == 1
    assert "does not exist" in told(result, "account home", "error")


@pytest.mark.skipif(sys.platform != "linux", reason="a small disk is made in memory")
def test_disk_without_room_is_told(home, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], check=False, capture_output=True
    ).returncode:
        pytest.skip("only root may mount")
    try:
        assert "hardly any room left" in told(doctor(home, "--state-dir", str(small / "state")), "disk", "error")
    finally:
        subprocess.run(["umount", small], check=True)


# the work


def test_service_at_work_is_told_with_its_process(settled):
    process = settled.start("run")
    try:
        assert "observes" in process.stderr.readline()
        deadline = time.monotonic() + 20
        while "process" not in (said := told_any(doctor(settled), "service")) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert f"process {process.pid} is at work since " in said
        assert doctor(settled).status == 0
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0
    assert "nothing is at work" in told(doctor(settled), "service", "warning")


def told_any(result, name):
    return next(one["message"] for one in result.json["checks"] if one["name"] == name)


def test_looking_does_not_take_the_lock_from_a_service_that_starts(settled):
    lock = settled.folder / "state" / "lock"
    before = (lock.read_text(), lock.stat().st_mtime_ns)
    doctor(settled)
    settled.run("status")
    assert (lock.read_text(), lock.stat().st_mtime_ns) == before


@pytest.mark.parametrize(
    ("shown", "state", "expected"),
    [
        ("LoadState=loaded\nActiveState=failed", "error", "journalctl --user -u agendad.service"),
        ("LoadState=loaded\nActiveState=inactive", "warning", "systemctl --user enable --now agendad.service"),
        ("LoadState=loaded\nActiveState=active", "warning", "nothing is at work on"),
        ("LoadState=not-found\nActiveState=inactive", "warning", "agendad run"),
    ],
)
def test_unit_of_the_system_is_told(settled, shown, state, expected):
    tools = settled.folder / "bin"
    tools.mkdir()
    (tools / "systemctl").write_text(f"#!/bin/sh\nprintf '%s\\n' '{shown}'\n")
    (tools / "systemctl").chmod(0o755)
    result = doctor(settled, environ={"PATH": f"{tools}:/usr/bin:/bin"})
    assert expected in told(result, "service", state)
    assert result.status == int(state == "error")


def test_pass_of_long_ago_is_told(settled):
    result = doctor(settled, now="2026-12-03T08:30:00-05:00")
    assert "it was 3 days ago, on Mon 30 Nov 2026 08:30 EST, and nothing is at work" in told(
        result, "last pass", "warning"
    )


def test_mail_in_doubt_is_told(home, post):
    post.hangs_up = True
    home.configure(ACTING + f"mail: {{transport: smtp, host: 127.0.0.1, port: {post.port}, security: none}}\n")
    home.invite("one.ics", start="20261203T150000Z", end="20261203T153000Z")
    home.run("run", "--once")
    home.run("run", "--once", now="2026-12-01T09:30:00-05:00")
    result = doctor(home, now="2026-12-01T09:31:00-05:00")
    assert "0 failed, 2 in doubt" in told(result, "queue", "warning")
    assert "it is not sent again" in told(result, "queue", "warning")


def test_marks_of_another_installation_are_told(home):
    invite = home.invite("one.ics", **FRIDAY)
    text = invite.read_text("utf-8").replace("SUMMARY:", "X-AGENDAD:0123456789abcdef0123@feedbeef\nSUMMARY:")
    invite.write_text(text, "utf-8", newline="\r\n")
    home.run("run", "--once")
    said = told(doctor(home), "other installations", "warning")
    assert "another one has written on 1 event of account home" in said


# mail


class Doorkeeper(Mailbox):
    """A mail server that lets in one password."""

    def __call__(self, _server, _session, _envelope, _mechanism, data):
        right = data.password.decode() == SECRET
        return AuthResult(success=right, handled=right)


@contextmanager
def guarded():
    box = Doorkeeper()
    server = LoopbackServer(
        box, hostname="127.0.0.1", port=0, server_hostname="localhost",
        authenticator=box, auth_require_tls=False,
    )  # fmt: skip
    server.start()
    box.port = server.port
    yield box
    server.stop()


def through(post, more=""):
    return CONFIG + f"mail: {{transport: smtp, host: 127.0.0.1, port: {post.port}, security: none{more}}}\n"


def test_mail_server_is_greeted_and_nothing_is_sent(settled, post):
    settled.configure(through(post))
    result = doctor(settled)
    assert f"it can go through 127.0.0.1:{post.port} (none)" in told(result, "mail", "ok")
    assert post.received == []


def test_password_is_tried_and_never_shown(settled):
    with guarded() as post:
        settled.configure(through(post, ", username: grace, auth: {method: password, env: PASSWORD}"))
        right = doctor(settled, environ={"PASSWORD": SECRET})
        wrong = doctor(settled, environ={"PASSWORD": f"{SECRET}-of-yesterday"})
        missing = doctor(settled)
        assert post.received == []
    assert "signed in as grace" in told(right, "mail", "ok")
    assert "refused the user name grace or the password" in told(wrong, "mail", "error")
    assert "The environment variable PASSWORD is empty or not set." in told(missing, "mail", "error")
    assert (right.status, wrong.status, missing.status) == (0, 1, 1)
    assert SECRET not in right.out + wrong.out


def test_mail_server_that_is_not_there_or_offers_no_encryption_is_told(settled, post):
    settled.configure(through(post).replace("none", "starttls"))
    assert "offers no STARTTLS" in told(doctor(settled), "mail", "error")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    settled.configure(CONFIG + f"mail: {{transport: smtp, host: 127.0.0.1, port: {port}, security: none}}\n")
    assert "could not be reached" in told(doctor(settled), "mail", "error")


@contextmanager
def silent_server():
    """Takes connections and says nothing."""
    held = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take():
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    for connection in held:
        connection.close()


def test_servers_that_say_nothing_take_five_seconds_together(settled):
    with silent_server() as port:
        root = f"http://127.0.0.1:{port}"
        silent = CONFIG.replace(
            "mentorships:",
            f"  - {{name: work, provider: google, api_root: '{root}', auth: {{method: token, env: T}}}}\n"
            f"  - {{name: uni, provider: outlook, api_root: '{root}', auth: {{method: token, env: T}}}}\nmentorships:",
        )
        settled.configure(silent + f"mail: {{transport: smtp, host: 127.0.0.1, port: {port}, security: none}}\n")
        begun = time.monotonic()
        result = doctor(settled, environ={"T": SECRET})
        took = time.monotonic() - begun
    found = states(result)
    assert [found[name] for name in ("account work", "account uni", "mail", f"server 127.0.0.1:{port}")] == [
        "error"
    ] * 4
    assert took < 5 + 4, "the rest is starting and importing"
    assert result.status == 1
    assert SECRET not in result.out


# accounts on servers


@pytest.fixture
def google():
    with GoogleSimulator(parse_instant(NOW)) as simulator:
        simulator.add_person("grace@example.org", "America/New_York")
        yield simulator
    assert simulator.violations == []


class _WithoutDav(GoogleDesk):
    """Without the account that has no password anywhere."""

    def configure(self, *arguments, **more):
        super().configure(*arguments, **more)
        file = self.home.folder / "agendad.yaml"
        dav = '  - {name: dav, provider: caldav, url: "http://127.0.0.1:1"}\n'
        assert dav in file.read_text()
        file.write_text(file.read_text().replace(dav, ""))


@pytest.fixture
def at_google(home, google):
    return _WithoutDav(home, google)


def look(desk, **more):
    return doctor(desk.home, environ={**HEADLESS, **more.pop("environ", {})}, **more)


def test_nobody_signed_in_is_told_with_the_command(at_google):
    result = look(at_google)
    assert told(result, "account work", "error") == "nobody has signed in -> agendad login work"
    assert "the first sign-in makes one" in told(result, "key", "ok")
    assert "it answers" in told(result, f"server 127.0.0.1:{at_google.google.root.rpartition(':')[2]}", "ok")
    assert not at_google.tokens.exists()


def test_sign_in_that_works_is_told_with_whose_it_is_and_where_the_key_is(at_google):
    assert at_google.login().status == 0
    result = look(at_google)
    assert result.status == 0, result.out
    assert "signed in as grace@example.org, which allows what is needed" in told(result, "account work", "ok")
    assert f"in the key file {at_google.tokens / 'key'}" in told(result, "key", "ok")
    for secret in ("ya29", "1//", "GOCSPX", (at_google.tokens / "key").read_text().strip()):
        assert secret not in result.out


def test_days_that_a_sign_in_has_left_are_told(at_google):
    at_google.google.consent.testing = True
    assert at_google.login().status == 0
    assert "it ends on Mon 7 Dec 2026 08:29 EST, in 6 days" in told(look(at_google), "account work", "ok")
    at_google.google.now = parse_instant("2026-12-06T13:30:00Z")
    soon = look(at_google, now="2026-12-06T13:30:00Z")
    assert "in 0 days" in told(soon, "account work", "warning")
    assert "agendad login work" in told(soon, "account work", "warning")


def test_sign_in_that_allows_too_little_is_told(at_google):
    at_google.configure("client_secrets: client.json", mode="observe")
    assert at_google.login().status == 0
    assert look(at_google).status == 0
    at_google.configure("client_secrets: client.json", mode="act")
    result = look(at_google)
    assert result.status == 1
    assert "may only read, so nothing is changed in its calendars -> agendad login work" in told(
        result, "account work", "error"
    )


def test_sign_in_that_was_taken_back_is_told(at_google):
    assert at_google.login().status == 0
    at_google.google.revoke("grace@example.org")
    at_google.google.expire_access_tokens("grace@example.org")
    result = look(at_google)
    assert result.status == 1
    assert "agendad login work" in told(result, "account work", "error")


def test_key_that_is_gone_is_told(at_google):
    assert at_google.login().status == 0
    (at_google.tokens / "key").unlink()
    result = look(at_google)
    assert result.status == 1
    assert "the key to them is not" in told(result, "key", "error")
    assert not (at_google.tokens / "key").exists(), "none is made in its place"


def test_what_google_knows_better_is_a_warning(at_google):
    at_google.google.add_person("grace@example.org", "Europe/London")
    assert at_google.login().status == 0
    result = look(at_google)
    assert "The calendar's time zone is Europe/London" in told(result, "account work", "warning")


@pytest.mark.parametrize(("minutes", "state"), [(0, "ok"), (3, "warning"), (-9, "error")])
def test_clock_is_compared_with_the_servers(home, minutes, state):
    with GoogleSimulator(SystemClock().now()) as google:
        google.add_person("grace@example.org", "America/New_York")
        google.date_offset = timedelta(minutes=minutes)
        desk = GoogleDesk(home, google)
        desk.configure("auth: {method: token, env: TOKEN}")
        result = look(desk, now=None, environ={"TOKEN": google.token_for("grace@example.org")})
    assert states(result)["clock"] == state, result.out
    if minutes:
        where = "behind" if minutes > 0 else "ahead of"
        assert f"it is {abs(minutes)} minutes {where} that of 127.0.0.1" in told(result, "clock", state)


def test_clock_that_stands_still_is_told(home):
    assert "unset AGENDAD_NOW" in told(doctor(home), "clock", "warning")


def test_sign_in_at_microsoft_is_looked_at_too(home):
    with GraphSimulator(datetime(2026, 11, 30, 13, 30, tzinfo=UTC)) as graph:
        graph.add_person("grace@example.org", "Eastern Standard Time", "Grace Hopper")
        graph.consent.device_polls, graph.consent.device_interval = 1, 1
        desk = OutlookDesk(home, graph)
        assert told(look(desk), "account uni", "error") == "nobody has signed in -> agendad login uni"
        assert desk.login().status == 0
        result = look(desk)
        assert "signed in as grace@example.org" in told(result, "account uni", "ok")
        desk.configure(mode="observe")
        assert look(desk).status == 0
    gone = look(desk)
    assert gone.status == 1
    assert "cannot be reached" in told(gone, f"server {graph.root.removeprefix('http://')}", "error")
