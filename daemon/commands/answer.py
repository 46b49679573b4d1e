"""`agendad approve` and `agendad reject`: the user's answers to what is pending."""

import argparse

from agendad.daemon.approving import approve, reject
from agendad.daemon.commands.pending import waiting, why_not_waiting
from agendad.daemon.context import Context, UsageProblem, open_context
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.passes import done_at_once
from agendad.daemon.remembering import actions_named, after_a_pass
from agendad.daemon.reporting import json_text
from agendad.daemon.store import Store
from agendad.daemon.terminal import on_clocks, wrapped
from agendad.rules.limits import OUT, State
from agendad.rules.policy import Policy
from agendad.rules.roles import Effect


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    with after_a_pass(context) as store:
        chosen = _chosen(args, store, context)
        with store.transaction():
            answer = approve if args.word == "approve" else reject
            for action in chosen:
                answer(Journal(store), action, context.clock.now())
    handed_over = args.word == "approve" and not done_at_once(context)
    with after_a_pass(context) as store:
        now = [Journal(store).action(action.id) for action in chosen]
    if args.json:
        shape = {"schema": f"agendad.{args.word}/1", "actions": [action.as_json() for action in now]}
        print(json_text(shape | {"handed_over": handed_over}))
    else:
        _tell(args.word, now, context.policy, handed_over=handed_over)
    good = OUT | {State.APPROVED, State.REJECTED}
    return 0 if all(action.state in good for action in now) else 1


def _chosen(args: argparse.Namespace, store: Store, context: Context) -> list[ActionRow]:
    open_now = waiting(store, context)
    if getattr(args, "all", False):
        return open_now
    if not args.ids:
        raise UsageProblem(f"{args.word}: name at least one id (`agendad pending` lists them). Nothing was done.")
    chosen = actions_named(Journal(store), args.ids)
    for action in chosen:
        if why := why_not_waiting(action, open_now):
            raise UsageProblem(f"{action.id} does not wait for an answer: {why}. Nothing was done.")
    return chosen


def _tell(word: str, actions: list[ActionRow], policy: Policy, *, handed_over: bool) -> None:
    for action in actions:
        detail = f" ({action.detail})" if action.detail else ""
        text = f"{action.state}: {action.rung} → {', '.join(action.to)}: {action.reason}{detail}"
        print("\n".join(wrapped(text, f"{action.id} ")))
        if action.meant and action.meant.effect is Effect.MOVE and action.slots:
            pair = next((one for one in policy.mentorships if any(map(one.other.has, action.meant.to))), None)
            clocks = on_clocks(action.slots[0][0], (policy.me, *([pair.other] if pair else [])))
            print("\n".join(wrapped(clocks, f"{' ' * len(action.id)} new time: ")))
    if handed_over:
        print("the running service looks at it once more and does it now; `agendad history` tells what became of it")
    if not actions:
        print(f"nothing waits for you; there is nothing to {word}")
