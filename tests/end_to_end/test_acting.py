"""Acting through the installed command: answers, taking back, the service, and mail by SMTP that goes wrong."""

import json
import re
import signal
import socket
import threading
import time

import pytest
from end_to_end.conftest import spoken

CONFIG = """\
version: 1
mode: {mode}
sync: {{every: 60m}}
me: {{name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}}
accounts: [{{name: home, provider: ics, path: calendar}}]
mentorships:
  - name: grace-ada
    mentor: me
    mentee: {{name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}}
    met: true
limits: {{grace: 0h}}
rules: {{agenda: {{ladder: [{{before: 36h, do: cancel}}]}}, ownership: {{enabled: false}}}}
mail: {mail}
"""
TOMORROW = {"start": "20261201T150000Z", "end": "20261201T153000Z"}
FILE = "{transport: file}"


def acting(home, mode="act", mail=FILE):
    home.configure(CONFIG.format(mode=mode, mail=mail))
    return home.invite("bad.ics", **TOMORROW)


def mails(home):
    found = (home.folder / "state" / "outbox").glob("*.eml")
    return sorted(text for path in found if "\nTo: ada@example.com" in (text := path.read_text("utf-8")))


def subjects(home):
    return sorted(re.search(r"^Subject: (\w+ ?\w*)", mail, re.MULTILINE)[1] for mail in mails(home))


def history(home):
    return [(one["action"], one["effect"], one["state"]) for one in home.run("history", "--json").json["actions"]]


def until(condition, seconds=15):
    """Wait for what another process does."""
    for _ in range(seconds * 20):
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_run_tells_what_was_done_and_a_second_run_is_silent(home):
    path = acting(home)
    shape = home.run("run", "--once", "--json").json
    (action,) = shape["actions"]
    assert {name: action[name] for name in ("action", "effect", "state", "account", "uid", "rule", "reason", "to")} == {
        "action": "cancel", "effect": "cancel", "state": "confirmed", "account": "home", "uid": "bad@example.org",
        "rule": "agenda", "reason": "agenda.missing", "to": ["ada@example.com"],
    }  # fmt: skip
    assert action["recurrence_id"] is None
    assert "STATUS:CANCELLED" in path.read_text("utf-8")
    assert home.run("run", "--once", "--json").json["actions"] == []
    assert subjects(home) == ["Cancelled"]
    shown = home.run("summary").out
    assert "Cancelled this session" in shown
    assert f"agendad undo {action['id']}" in shown


def test_dry_run_shows_the_text_whole_and_leaves_no_trace(home):
    path = acting(home)
    before = path.read_bytes()
    shown = home.run("run", "--dry-run").out
    assert "I look forward to meeting with you next time" in " ".join(shown.split())
    assert "Subject: Cancelled: our session on Tue 1 Dec" in shown
    assert "nothing was sent or changed" in shown
    assert path.read_bytes() == before
    assert not (home.folder / "state").exists()


def test_pending_shows_the_exact_text_and_approve_does_it_at_once(home):
    path = acting(home, mode="approve")
    run = home.run("run", "--once")
    assert "`agendad pending` shows what waits" in run.out
    shown = home.run("pending").out
    assert "a yes would: cancel (cancel), heard by ada@example.com" in shown
    assert "Subject: Cancelled: our session on Tue 1 Dec" in shown
    assert "I look forward to meeting with you next time" in " ".join(shown.split())
    assert mails(home) == []
    (action,) = home.run("pending", "--json").json["actions"]
    done = home.run("approve", action["id"][:5])
    assert done.status == 0, done.err
    assert "confirmed" in done.out
    assert "STATUS:CANCELLED" in path.read_text("utf-8")
    assert subjects(home) == ["Cancelled"]
    assert home.run("pending").out == "nothing waits for you\n"
    twice = home.run("approve", action["id"])
    assert twice.status == 2
    assert "does not wait for an answer: it is confirmed" in twice.err


def test_reject_is_remembered(home):
    acting(home, mode="approve")
    home.run("run", "--once")
    (action,) = home.run("pending", "--json").json["actions"]
    assert home.run("reject", action["id"]).status == 0
    assert home.run("run", "--once", "--json").json["actions"] == []
    assert home.run("pending").out == "nothing waits for you\n"
    assert mails(home) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["approve", "zzz"], "'zzz' is no action's id"),
        (["approve"], "name at least one id"),
        (["undo", "zzz"], "'zzz' is no action's id"),
        (["reject"], "name at least one id"),
    ],
)
def test_answer_to_nothing_is_a_mistake_that_is_explained(home, arguments, said):
    acting(home, mode="approve")
    home.run("run", "--once")
    result = home.run(*arguments)
    assert (result.status, said in result.err) == (2, True), result.err
    assert "Nothing was done" in result.err


def test_approve_all_does_everything_that_waits(home):
    acting(home, mode="approve")
    home.run("run", "--once")
    assert home.run("approve", "--all").status == 0
    assert subjects(home) == ["Cancelled"]
    again = home.run("approve", "--all")
    assert (again.status, again.out) == (0, "nothing waits for you; there is nothing to approve\n")


def test_undo_says_first_what_it_cannot_restore_then_restores_and_tells_once(home):
    path = acting(home)
    (action,) = home.run("run", "--once", "--json").json["actions"]
    done = home.run("undo", action["id"])
    assert done.status == 0, done.err
    said = " ".join(done.out.split())
    assert said.index("cannot be taken back") < said.index("is undone")
    assert "CANCELLED" not in path.read_text("utf-8")
    assert subjects(home) == ["Cancelled", "It is"]
    again = home.run("undo", action["id"])
    assert (again.status, "taken back already" in again.err) == (2, True)
    for _ in range(2):
        assert home.run("run", "--once", "--json").json["actions"] == []
    assert subjects(home) == ["Cancelled", "It is"]
    assert history(home) == [("cancel", "cancel", "undone")]


# the service


@pytest.fixture
def service(home):
    started = []

    def start():
        process = home.start("run")
        started.append(process)
        assert spoken(process.stderr.readline()).startswith("agendad")
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_running_service_does_what_is_approved_and_taken_back_meanwhile(home, service):
    path = acting(home, mode="approve")
    process = service()
    assert until(
        lambda: "pending" in home.run("pending", "--json").out and home.run("pending", "--json").json["actions"]
    )
    (action,) = home.run("pending", "--json").json["actions"]
    handed = home.run("approve", action["id"])
    assert handed.status == 0, handed.err
    assert "the running service" in handed.out
    assert until(lambda: "STATUS:CANCELLED" in path.read_text("utf-8"))
    assert until(lambda: history(home) == [("cancel", "cancel", "confirmed")])
    assert "the running service" in home.run("undo", action["id"]).out
    assert until(lambda: history(home) == [("cancel", "cancel", "undone")])
    assert subjects(home) == ["Cancelled", "It is"]
    beside = home.run("run", "--once")
    assert (beside.status, "already at work" in beside.err) == (2, True)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0


def test_service_stops_within_ten_seconds_beside_a_mail_server_that_hangs(home, service):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        reached, over = threading.Event(), threading.Event()

        def listen():
            connection, _ = deaf.accept()
            with connection:
                reached.set()
                over.wait(30)

        thread = threading.Thread(target=listen)
        thread.start()
        acting(home, mail=f"{{transport: smtp, host: 127.0.0.1, port: {port}, security: none}}")
        process = service()
        assert reached.wait(15)
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(12) == 0
        assert time.monotonic() - asked < 10
        over.set()
        thread.join()


# mail by SMTP


def smtp(port):
    return f"{{transport: smtp, host: 127.0.0.1, port: {port}, security: none}}"


def to_ada(post):
    return [mail["Subject"] for mail in post.received if mail["To"] == "ada@example.com"]


def test_notice_goes_by_smtp_once(home, post):
    acting(home, mail=smtp(post.port))
    assert home.run("run", "--once").status == 0
    assert home.run("run", "--once").status == 0
    assert to_ada(post) == ["Cancelled: our session on Tue 1 Dec"]
    (mail,) = (one for one in post.received if one["To"] == "ada@example.com")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    assert history(home) == [("cancel", "cancel", "confirmed")]


def test_notice_that_the_server_refuses_waits_and_goes_once(home, post):
    path = acting(home, mail=smtp(post.port))
    post.refused["ada@example.com"] = "450 try again later"
    first = home.run("run", "--once")
    assert "the calendar is changed; the mail waits and is tried again" in " ".join(first.out.split())
    assert "STATUS:CANCELLED" in path.read_text("utf-8")
    assert history(home) == [("cancel", "cancel", "sent")]
    post.refused.clear()
    for _ in range(2):
        home.run("run", "--once")
    assert to_ada(post) == ["Cancelled: our session on Tue 1 Dec"]
    assert history(home) == [("cancel", "cancel", "confirmed")]


def test_mail_whose_fate_is_unknown_is_reported_and_not_sent_again(home, post):
    home.configure(CONFIG.format(mode="act", mail=smtp(post.port)).replace("do: cancel", "do: nudge"))
    home.invite("bad.ics", **TOMORROW)
    post.hangs_up = True
    home.run("run", "--once")
    post.hangs_up = False
    for _ in range(2):
        home.run("run", "--once")
    assert to_ada(post) == ["A line or two for our session on Tue 1 Dec"]
    assert history(home) == [("nudge", "mail", "unknown")]
    shown = " ".join(home.run("summary").out.split())
    assert "In doubt: Mentoring: Ada and Grace" in shown
    assert "ask ada@example.com whether it arrived; it is not sent again" in shown


def test_nothing_is_cancelled_while_it_is_in_doubt_whether_the_user_was_told(home, post):
    path = acting(home, mail=smtp(post.port))
    post.hangs_up = True
    shown = home.run("run", "--once")
    for _ in range(2):
        home.run("run", "--once")
    assert "CANCELLED" not in path.read_text("utf-8")
    assert "you have not been told of it yet: the summary of" in " ".join(shown.out.split())
    assert len(post.received) == 1, "one summary in doubt, and no other right after it"
    assert to_ada(post) == []
    assert history(home) == [("cancel", "cancel", "skipped")]


def test_json_of_history_is_the_contracts(home):
    acting(home)
    home.run("run", "--once")
    shape = json.loads(home.run("history", "--json").out)
    assert shape["schema"] == "agendad.history/1"
    assert {"id", "action", "effect", "state", "account", "uid", "recurrence_id", "rule", "reason", "to"} <= set(
        shape["actions"][0]
    )
