"""Last month in words: what would have been done, and with whom."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from agendad.daemon.looking_back import Done, Month, PastSession
from agendad.daemon.terminal import coloured, when, wrapped
from agendad.rules.policy import Action, Policy
from agendad.rules.roles import Effect
from agendad.rules.saying import called
from agendad.rules.text.untrusted import strip_controls

_LISTED = 8
"""Sessions that are shown one by one; the newest are worth most."""


def sentence(month: Month, policy: Policy) -> str:
    """The month in a sentence: “5 sessions, 3 without an agenda: I would have reminded Ada 3 times …”."""
    sessions = month.declared
    if not sessions:
        return f"No session of yours among {_some(month.events, 'event')} of the last 30 days."
    lacking = sum(session.lacks_agenda for session in sessions)
    without = f"{lacking} without an agenda" if lacking else "all with an agenda"
    done = [step for session in sessions for step in session.done]
    return f"{_some(len(sessions), 'session')}, {without}: I would have {_listed(_deeds(done, policy))}."


def told(month: Month, policy: Policy) -> str:
    """The sentence, the sessions with what would have been done about each, and what is missing."""
    lines = wrapped(sentence(month, policy), "")
    shown = month.declared[-_LISTED:]
    if len(month.declared) > len(shown):
        lines += ["", *wrapped(f"the last {len(shown)} of them:", "")]
    for session in shown:
        lines += _session(session, policy)
    if month.sessions:
        lines += ["", *wrapped(_HOW, "")]
    for email, count in month.undeclared.most_common(3):
        what = f"{_some(count, 'meeting')} with {email} looked like mentoring. Add the pair to `mentorships` to count"
        lines += wrapped(f"{what} {'it' if count == 1 else 'them'}.", "! ")
    for account, error in month.failed.items():
        lines += wrapped(f"account {account} is not in this: {error}", "! ")
    if month.to_come:
        lines += wrapped(f"{_some(month.to_come, 'session')} to come: `agendad run --once` looks at them.", "")
    return coloured("\n".join(lines))


_HOW = "The invites are taken as they are today: an agenda that came at the last minute counts as if it had been early."


def _session(session: PastSession, policy: Policy) -> Iterator[str]:
    mark = "✗" if session.findings else "✓"
    title = strip_controls(session.title).replace("\n", " ") or "(no title)"
    found = f": {', '.join(session.findings)}" if session.findings else ""
    yield from wrapped(f"{when(session.start, policy.me)}  {title}{found}", f"  {mark} ")
    for step in session.done:
        whom = _listed(_who(email, policy) for email in step.to)
        deed = f"asked you ({step.rung})" if _kind(step) == Effect.ASK else _DEEDS[_kind(step)].format(who=whom, n="it")
        yield from wrapped(f"{when(step.at, policy.me)}: {deed}", "      → ")


def _deeds(done: Iterable[Done], policy: Policy) -> Iterator[str]:
    """What would have been done, each kind once; also that nothing would have been cancelled."""
    kinds: dict[str, list[Done]] = {}
    for step in done:
        kinds.setdefault(_kind(step), []).append(step)
    for kind, deed in _DEEDS.items():
        steps = kinds.get(kind, [])
        if not steps:
            continue
        if "{who}" in deed:
            for who, count in Counter(_who(email, policy) for step in steps for email in step.to).items():
                yield f"{deed.format(who=who)} {_times(count)}"
        else:
            yield deed.format(n=len(steps)) + (f" {_times(len(steps))}" if "{n}" not in deed else "")
    if not kinds.keys() & {Action.CANCEL, Effect.DECLINE}:
        yield "cancelled none"


def _kind(step: Done) -> str:
    """The ladder's word, unless it became something else."""
    return step.effect if step.effect in (Effect.ASK, Effect.RESTORE, Effect.DECLINE) else step.rung


_DEEDS: Mapping[str, str] = {
    Action.NUDGE: "reminded {who}",
    Action.HANDOVER: "asked {who} to take the invite over",
    Action.RESCHEDULE: "asked {who} for another time",
    Action.PATCH: "put lines for an agenda into {n}",
    Action.HOLD: "put {n} on hold",
    Effect.RESTORE: "taken the hold on {n} back",
    Effect.ASK: "asked you",
    Effect.DECLINE: "declined {n}",
    Action.CANCEL: "cancelled {n}",
}
"""How each kind of step is told, in this order."""


def _who(email: str, policy: Policy) -> str:
    others = (pair.other for pair in policy.mentorships)
    return "you" if policy.me.has(email) else next((called(one.name) for one in others if one.has(email)), email)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _some(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _listed(parts: Iterable[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
