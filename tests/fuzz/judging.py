"""What is done with an event that was read, and with whose eyes."""

import json
from datetime import UTC, datetime, timedelta

from conftest import ADA, make_policy

from agendad.daemon.calendar_store import decode, encode
from agendad.daemon.letters import letter, message_id
from agendad.daemon.reporting import json_text, session_json
from agendad.daemon.terminal import describe
from agendad.providers.base import Window
from agendad.providers.model import Event
from agendad.rules.base import History
from agendad.rules.engine import judge
from agendad.rules.messages import compose
from agendad.rules.plan import Standing, plan
from agendad.rules.policy import Mode

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
POLICY = make_policy(mode=Mode.ACT)
WINDOW = Window(NOW - timedelta(days=90), NOW + timedelta(days=60))


def consider(event: Event) -> None:
    """Everything that is done with an event that was read: stored, judged, planned, worded, shown."""
    assert decode(encode(event)) == decode(encode(decode(encode(event))))
    history = History(met=True)
    verdict = judge(event, history, POLICY, NOW)
    steps = plan(verdict, history, Standing(), POLICY, NOW)
    shape = session_json(verdict, steps)
    json.loads(json_text(shape))
    shown = describe(shape, POLICY.me)
    assert "\x1b" not in shown
    if verdict.session is None or verdict.session.mentorship is None:
        return
    for step in steps:
        message = compose(verdict.session, step, POLICY, NOW, plan=steps)
        mail = letter(
            sender="grace@example.org", sender_name="Grace", reply_to="grace@example.org", to=ADA.emails[0],
            subject=message.subject, body=message.body, message_id=message_id("k", ADA.emails[0], "grace@example.org"),
            date=NOW, language=message.language,
        )  # fmt: skip
        head = mail.as_bytes().partition(b"\r\n\r\n")[0]
        assert [name for name in mail.keys() if name in ("Bcc", "Cc")] == [], head  # noqa: SIM118 - headers repeat
