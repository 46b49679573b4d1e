"""`agendad pause` and `agendad resume`: hold back, for everything, a mentorship or a person."""

import argparse
import json
from datetime import UTC, datetime, time, timedelta

from agendad.daemon.clock import parse_instant
from agendad.daemon.context import Context, UsageProblem, open_context
from agendad.daemon.pauses import EVERYTHING, Pauses, UnknownTarget, target_of
from agendad.daemon.store import Store, stamp
from agendad.daemon.terminal import when
from agendad.rules.units import parse_duration


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    now = context.clock.now()
    try:
        target = target_of(args.target, context.policy)
    except UnknownTarget as error:
        raise UsageProblem(f"{error}. Nothing was changed.") from None
    until = _until(args.until, context, now) if args.word == "pause" and args.until else None
    store = Store.open(context.state_dir)
    try:
        pauses = Pauses(store)
        if args.word == "pause":
            pauses.put(target, now, until)
            done = True
        else:
            done = pauses.lift(target)
        left = pauses.in_force(now)
    finally:
        store.close()
    if args.json:
        shapes = [{"target": one.target, "until": stamp(one.until) if one.until else None} for one in left]
        print(
            json.dumps({"schema": "agendad.pauses/1", "changed": done, "paused": shapes}, ensure_ascii=False, indent=2)
        )
        return 0
    name = "everything" if target == EVERYTHING else target
    if args.word == "resume":
        print(f"{name} goes on" if done else f"{name} was not paused")
    for pause in left:
        what = "everything" if pause.target == EVERYTHING else pause.target
        end = f"until {when(pause.until, context.policy.me)}" if pause.until else "until `agendad resume`"
        print(f"paused: {what}, {end}")
    return 0


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
    if until <= now + timedelta():
        raise UsageProblem(f"--until {text} is over already. Nothing was changed.")
    return until


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError:
        raise UsageProblem(
            f"--until {text!r} is no date, time or duration; write it like 2027-01-07 or 2 weeks. Nothing was changed."
        ) from None
