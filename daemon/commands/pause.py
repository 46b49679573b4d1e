"""`agendad pause` and `agendad resume`: hold back, for everything, a mentorship, a person, a series or one session."""

import argparse
from contextlib import closing
from datetime import UTC, datetime, time

from agendad.daemon.calendar_store import CalendarStore, sortable
from agendad.daemon.clock import parse_instant
from agendad.daemon.context import Context, UsageProblem, open_context
from agendad.daemon.pauses import Kind, Pause, Pauses, Target, UnknownTarget, target_of
from agendad.daemon.remembering import after_a_pass, event_named
from agendad.daemon.reporting import json_text, shown_title
from agendad.daemon.store import Store
from agendad.daemon.terminal import paused_until, when, wrapped
from agendad.rules.engine import is_over
from agendad.rules.units import parse_duration


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    _check(args)
    if args.word == "pause" and args.list:
        changed, targets = False, []
    elif args.word == "pause":
        changed, targets = True, [_pause(args, context)]
    else:
        changed, targets = _resume(args, context)
    with closing(Store.open(context.state_dir)) as store:
        left = Pauses(store).worth_telling(context.clock.now())
    if args.json:
        shape = {"schema": "agendad.pauses/1", "changed": changed, "paused": [pause.as_json() for pause in left]}
        print(json_text(shape))
        return 0
    for target in targets if args.word == "resume" else ():
        print("\n".join(wrapped(f"{target.said} goes on" if changed else f"{target.said} was not paused", "")))
    _list(left, context)
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what does not go together, before anything is changed."""
    named = [word for word in (args.target, args.session, args.series) if word is not None]
    if len(named) > 1:
        raise UsageProblem(
            f"{args.word}: name one thing: a person or mentorship, --session or --series. Nothing was changed."
        )
    if args.word == "pause" and args.list and (named or args.until or args.because):
        raise UsageProblem("pause: --list only lists, and takes nothing beside it. Nothing was changed.")


def _pause(args: argparse.Namespace, context: Context) -> Target:
    now = context.clock.now()
    until = _until(args.until, context, now) if args.until else None
    if args.session is None and args.series is None:
        target = _declared(args.target, context)
        with closing(Store.open(context.state_dir)) as store:
            Pauses(store).put(target, now, until, args.because)
        return target
    with after_a_pass(context) as store:
        target = _in_calendar(args, store, context)
        Pauses(store).put(target, now, until, args.because)
    return target


def _declared(words: str | None, context: Context) -> Target:
    try:
        return target_of(words, context.policy)
    except UnknownTarget as error:
        raise UsageProblem(
            f"{error}. Nothing was changed. For a session or a series use --session or --series."
        ) from None


def _in_calendar(args: argparse.Namespace, store: Store, context: Context) -> Target:
    """The session or series that is named as for `agendad explain`."""
    now = context.clock.now()
    try:
        event = event_named(args.session or args.series or "", CalendarStore(store), now)
    except UsageProblem as error:
        raise UsageProblem(f"{error}\nNothing was changed.") from None
    title = shown_title(event) or "(no title)"
    if args.series is not None:
        return Target(kind=Kind.SERIES, name=event.uid, label=title)
    if is_over(event, now):
        raise UsageProblem(f"the last of {args.session!r} is over, and none is to come. Nothing was changed.")
    start = when(sortable(event.start), context.policy.me)
    uid, recurrence_id = event.key
    return Target(kind=Kind.SESSION, name=uid, recurrence_id=recurrence_id, label=f"{title}, {start}")


def _resume(args: argparse.Namespace, context: Context) -> tuple[bool, list[Target]]:
    """Whether something went on, and what."""
    with closing(Store.open(context.state_dir)) as store:
        pauses = Pauses(store)
        if args.session is None and args.series is None:
            target = _declared(args.target, context)
            return pauses.lift(target), [target]
        kind = Kind.SESSION if args.session is not None else Kind.SERIES
        found = pauses.named(kind, args.session or args.series or "", context.clock.now())
        if len({pause.target.name for pause in found}) != 1:
            raise UsageProblem(_which(args, found))
        for pause in found:  # several sessions of one series
            pauses.lift(pause.target)
        return True, [pause.target for pause in found]


def _which(args: argparse.Namespace, found: list[Pause]) -> str:
    words = repr(args.session or args.series)
    if not found:
        what = "series" if args.session is None else "session"
        return f"no paused {what} fits {words}. Nothing was changed. `agendad pause --list` tells what is paused."
    commands = [f"    {pause.target.resume}" for pause in found]
    return "\n".join([f"{words} fits several. Nothing was changed. Name one by its UID:", *commands])


def _list(pauses: list[Pause], context: Context) -> None:
    for pause in pauses:
        print("\n".join(wrapped(paused_until(pause.as_json(), context.policy.me), "")))
        print(f"    to go on: {pause.target.resume}")
    if not pauses:
        print("nothing is paused")


def _until(text: str, context: Context, now: datetime) -> datetime:
    """A date (the pause ends when that day begins, where the user is then), a time, or a duration from now."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a date only; the zone comes next
        until = datetime.combine(day, time(), tzinfo=context.policy.me.zone_on(day) or UTC).astimezone(UTC)
    except ValueError:
        try:
            until = now + parse_duration(text)
        except ValueError:
            until = _instant(text)
    if until <= now:
        raise UsageProblem(f"--until {text} is over already. Nothing was changed.")
    return until


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError:
        raise UsageProblem(
            f"--until {text!r} is no date, time or duration; write it like 2027-01-07 or 2 weeks. Nothing was changed."
        ) from None
