"""The installed command against Radicale and Xandikos, as real servers."""

import re
import signal
from email import message_from_bytes
from email.policy import default
from uuid import uuid4

import pytest
from end_to_end.offices import ADA, CANCEL, HOLD, HOUR, ME, NOW
from icalendar import Calendar
from simulators.dav import PASSWORD, Between, Reply

CONFIG = """\
version: 1
mode: {mode}
me: {{name: Grace Hopper, emails: [grace@example.org], timezone: America/New_York}}
accounts:
  - {{name: dav, provider: caldav, url: "{url}", username: grace, auth: {auth}{more}}}
mentorships:
  - name: grace-ada
    mentor: {{name: Ada Lovelace, emails: [ada@example.com], timezone: Europe/London}}
    mentee: me
    met: true
limits: {{grace: 0h}}
rules:
  agenda: {{ladder: [{ladder}]}}
  ownership: {{enabled: false}}
  timezone: {{enabled: false}}
mail: {{transport: file}}
"""
AUTH = "{method: password, env: DAV_PASSWORD}"


def invite(uid, start, *, by=ME, rule="", body="", answer="ACCEPTED"):
    other = ADA if by == ME else ME
    text = "\r\n".join([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT", f"UID:{uid}",
        "DTSTAMP:20261120T090000Z", f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{start + HOUR / 2:%Y%m%dT%H%M%SZ}",
        "SUMMARY:Mentoring: Ada and Grace", f"ORGANIZER:mailto:{by}", f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{by}",
        f"ATTENDEE;PARTSTAT={answer}:mailto:{other}", *([f"RRULE:{rule}"] if rule else []),
        *([f"DESCRIPTION:{body}"] if body else []), "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip
    return text.encode()


class Office:
    """Grace's calendar on a server, and her installed agendad."""

    def __init__(self, home, server, between):
        self.home, self.server, self.between = home, server, between
        self.path = server.make_calendar(f"office-{uuid4().hex[:12]}", title="Work")
        self.configure()

    def configure(self, *, mode="act", ladder=CANCEL, auth=AUTH, url=None, more=None):
        named = f", calendars: [{self.path}]" if more is None else more
        url = url or f"{self.between.url}{self.server.home('grace')}"
        self.home.configure(CONFIG.format(mode=mode, ladder=ladder, auth=auth, url=url, more=named))

    def invite(self, start, uid="one", **more):
        self.server.put(f"{self.path}{uid}.ics", invite(uid, start, **more))
        return f"{self.path}{uid}.ics"

    def run(self, *arguments, **more):
        environ = {"DAV_PASSWORD": PASSWORD, **more.pop("environ", {})}
        return self.home.run(*arguments, environ=environ, **more)

    def once(self, **more):
        done = self.run("run", "--once", "--json", **more)
        assert done.status in (0, 1), done.err
        return done.json

    def states(self, **more):
        return [(one["action"], one["effect"], one["state"]) for one in self.once(**more)["actions"]]

    def events(self, path):
        return Calendar.from_ical(self.server.get(path)).walk("VEVENT")

    def notices(self, to):
        """The iTIP methods of agendad's mails to somebody."""
        parts = [part for mail in self.mails(to) for part in mail.walk()]
        return [part.get_param("method") for part in parts if part.get_content_type() == "text/calendar"]

    def mails(self, to):
        paths = sorted((self.home.folder / "state" / "outbox").glob("*.eml"))
        mails = [message_from_bytes(path.read_bytes(), policy=default) for path in paths]
        return [mail for mail in mails if mail["To"] == to]


@pytest.fixture
def office(home, radicale):
    server = radicale if radicale.runs else radicale.start()
    with Between(server.url) as between:
        yield Office(home, server, between)
    if not server.runs:
        server.start()


def test_observing_reads_and_writes_nothing(office):
    office.configure(mode="observe")
    office.invite(NOW + 26 * HOUR)
    shape = office.once()
    assert [(one["effect"], one["state"], one["to"]) for one in shape["actions"]] == [("cancel", "would", [ADA])]
    assert shape["accounts"][0]["changed"] == 1
    assert set(office.between.take()) == {"PROPFIND", "REPORT"}


def test_first_look_and_one_without_change_take_few_requests(office):
    office.configure(mode="observe")
    office.invite(NOW + 26 * HOUR)
    office.once()
    assert office.between.take() == ["PROPFIND", "REPORT", "REPORT"]  # the calendar, what is in it, the objects
    office.once()
    assert office.between.take() == ["PROPFIND", "REPORT"]  # a new process looks whether the calendar is still there


def test_calendars_are_found_from_the_address_of_the_server_alone_and_named_as_people_name_them(office):
    office.invite(NOW + 26 * HOUR)
    for url, more in ((office.between.url, ""), (office.between.url + office.path, ""), (None, "")):
        office.configure(mode="observe", url=url, more=more)
        (account,) = office.once()["accounts"]
        assert account["ok"], account
    office.configure(mode="observe", url=office.between.url, more=", calendars: [Wrok]")
    (account,) = office.once()["accounts"]
    assert "has no calendar 'Wrok'" in account["error"]
    assert re.search(r"\(/grace/[-\w]+/\)", account["error"]), "what there is, by name and path"


def test_occurrence_is_cancelled_alone_and_its_guest_gets_one_mail(office):
    path = office.invite(NOW + 26 * HOUR, rule="FREQ=WEEKLY;COUNT=4")
    assert office.states() == [("cancel", "cancel", "confirmed")]
    master, exception = office.events(path)
    assert "RRULE" in master
    assert (exception["STATUS"], exception["RECURRENCE-ID"].dt) == ("CANCELLED", NOW + 26 * HOUR)
    assert office.notices(ADA) == ["CANCEL"]
    assert office.states() == []
    assert len(office.mails(ADA)) == 1


def test_invitation_without_agenda_is_declined_with_one_answer_by_mail(office):
    path = office.invite(NOW + 26 * HOUR, by=ADA)
    assert office.states() == [("cancel", "decline", "confirmed")]
    (event,) = office.events(path)
    answers = {str(one): one.params["PARTSTAT"] for one in event["ATTENDEE"]}
    assert answers == {f"mailto:{ME}": "DECLINED", f"mailto:{ADA}": "ACCEPTED"}
    assert office.notices(ADA) == ["REPLY"]


@pytest.fixture
def scheduling(home, xandikos):
    """At a server that sends invitations itself, once it knows who Grace is."""
    server = xandikos if xandikos.runs else xandikos.start()
    server.know()
    with Between(server.url) as between:
        yield Office(home, server, between)
    server.know()


@pytest.mark.parametrize("known", [(), ("somebody@example.org",), (ME,)])
def test_guests_get_one_notice_from_the_server_or_from_us(scheduling, known):
    """A server that says it schedules and does not know its user tells nobody: then we do."""
    scheduling.server.know(*known)
    path = scheduling.invite(NOW + 26 * HOUR)
    assert scheduling.states() == [("cancel", "cancel", "confirmed")]
    (event,) = scheduling.events(path)
    assert event["STATUS"] == "CANCELLED"
    assert scheduling.notices(ADA) == ([] if ME in known else ["CANCEL"])


@pytest.mark.parametrize("agent", ["CLIENT", "NONE"])
def test_event_whose_guests_another_program_tells_is_left_alone(scheduling, agent):
    scheduling.server.know(ME)
    path = scheduling.invite(NOW + 26 * HOUR)
    text = scheduling.server.get(path).replace(b"ATTENDEE;", b"ATTENDEE;SCHEDULE-AGENT=" + agent.encode() + b";")
    scheduling.server.put(path, text)
    ((_, _, state),) = scheduling.states()
    assert state == "failed"
    assert "STATUS" not in scheduling.events(path)[0]
    assert scheduling.notices(ADA) == []


def test_doctor_tells_who_tells_the_guests(scheduling):
    told = [one["message"] for one in scheduling.run("doctor", "--json").json["checks"] if one["name"] == "account dav"]
    assert any("knows you by no address" in one for one in told)
    scheduling.server.know(ME)
    told = [one["message"] for one in scheduling.run("doctor", "--json").json["checks"] if one["name"] == "account dav"]
    assert any(f"tells the guests of changes by {ME}" in one for one in told)


def test_hold_goes_when_an_agenda_comes(office):
    office.configure(ladder=HOLD)
    path = office.invite(NOW + 50 * HOUR)
    assert office.states() == [("hold", "patch", "confirmed")]
    (held,) = office.events(path)
    assert "[agendad] agenda pending:" in held["DESCRIPTION"]
    text = office.server.get(path).decode().replace("\r\n ", "")
    filled = text.replace("DESCRIPTION:", "DESCRIPTION:Agenda:\\n- How to choose a compiler course\\n- My talk\\n", 1)
    office.server.put(path, filled.encode())
    assert office.states(now=(NOW + 24 * HOUR).isoformat()) == [("hold", "restore", "confirmed")]
    (freed,) = office.events(path)
    assert "agenda pending" not in freed["DESCRIPTION"]
    assert "My talk" in freed["DESCRIPTION"]


def test_server_that_is_down_fails_its_account_alone_and_nothing_is_taken_to_be_gone(office):
    office.configure(mode="observe")
    office.invite(NOW + 26 * HOUR)
    office.once()
    office.server.stop(signal.SIGKILL)
    shape = office.once()
    assert not shape["accounts"][0]["ok"]
    assert shape["accounts"][0]["vanished"] == 0
    office.server.start()
    (account,) = office.once()["accounts"]
    assert (account["ok"], account["vanished"]) == (True, 0)


@pytest.mark.parametrize("when", ["before", "after"])
def test_server_killed_about_a_write_leaves_one_cancellation_and_one_mail(office, when):
    """kill -9 of the server as the change comes in: it was made or not, and that is found out."""
    path = office.invite(NOW + 26 * HOUR)

    def kill(_seen, ask):
        if when == "after":
            ask()
        office.server.kill()
        office.server.start()
        return Reply(0)

    office.between.once("PUT", kill)
    assert office.states() == [("cancel", "cancel", "confirmed")]
    puts = [one for one in office.between.requests if one.method == "PUT"]
    assert len(puts) == (1 if when == "after" else 2)
    (event,) = office.events(path)
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
    assert len(office.mails(ADA)) == 1


def test_secret_is_read_from_the_place_that_is_named_and_shown_nowhere(office):
    place = office.home.folder / "secret"
    place.write_text(f"{PASSWORD}\n")
    place.chmod(0o600)
    auths = [f"{{method: password, file: {place}}}", f"{{method: password, command: [cat, {place}]}}"]
    for auth in auths:
        office.configure(mode="observe", auth=auth)
        done = office.home.run("run", "--once", "--json")
        assert done.json["accounts"][0]["ok"], done.out
        assert PASSWORD not in done.out + done.err
    for file in (office.home.folder / "state").rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes()


def test_wrong_password_is_told_once_and_not_tried_on(office):
    done = office.run("run", "--once", "--json", environ={"DAV_PASSWORD": "hunter2"})
    (account,) = done.json["accounts"]
    assert account["sign_in_needed"]
    assert "did not take the password of grace" in account["error"]
    assert "hunter2" not in done.out + done.err
    assert len(office.between.requests) == 1


def test_missing_secret_says_where_it_was_looked_for(office):
    (account,) = office.home.run("run", "--once", "--json").json["accounts"]
    assert "DAV_PASSWORD" in account["error"]


def test_doctor_tells_which_calendars_there_are(office):
    office.invite(NOW + 26 * HOUR)
    result = office.run("doctor", "--json")
    told = {(one["name"], one["state"]): one["message"] for one in result.json["checks"]}
    assert "the sign-in works; it reads Work" in told["account dav", "ok"]
    office.configure(url=office.between.url + "/nowhere/", more="")
    assert office.run("doctor", "--json", environ={"DAV_PASSWORD": "wrong"}).status == 1


def test_wrong_configuration_is_told_with_its_place_and_a_hint(office):
    for more, expected in (
        (', calendars: ["https://elsewhere.example/work/"]', "is on another server than `url`"),
        (", calender: [work]", "calendars"),
        (", password: secret", "password"),
        (", calendars: []", "calendars"),
    ):
        office.configure(more=more)
        result = office.run("check")
        assert result.status == 2
        assert expected in result.err + result.out
        assert "agendad.yaml:5:" in result.err + result.out
    office.configure(url="http://dav.example.org")
    assert "plain http goes to this machine only" in office.run("check").err
