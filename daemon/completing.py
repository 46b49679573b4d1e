"""What the shell offers after a command: names from the configuration, sessions and ids from what is remembered.

Nothing is read from a calendar, and nothing that fails is told: there is simply nothing to offer.
"""

import argparse
from collections.abc import Callable, Iterable
from typing import Any

import argcomplete
from argcomplete.shell_integration import shellcode

from agendad.daemon.commands.pending import waiting
from agendad.daemon.context import Context, open_context
from agendad.daemon.journal import ActionRow, Journal
from agendad.daemon.remembering import after_a_pass
from agendad.daemon.session_store import SessionStore
from agendad.daemon.store import Store
from agendad.daemon.template_folder import USED_WHEN
from agendad.rules.limits import State
from agendad.rules.text.untrusted import strip_controls

SHELLS = ("bash", "zsh", "fish")
_Offer = Callable[[Context], Iterable[tuple[str, str]]]
"""(what is offered, what it is)"""


def shell_code(shell: str) -> str:
    """What a shell reads to complete `agendad`."""
    return str(shellcode(["agendad"], shell=shell))


def answer(parser: argparse.ArgumentParser) -> None:
    """Answer the shell, and end; return where it is not the shell that asks."""
    for words, argument in _arguments(parser):
        if offer := _OFFERS.get((words[0], argument.dest)) or _OFFERS.get(("", argument.dest)):
            setattr(argument, "completer", _completer(offer))  # noqa: B010 - argparse does not know it
    argcomplete.autocomplete(parser, always_complete_options=False)


def _arguments(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> Iterable[tuple[tuple[str, ...], argparse.Action]]:
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to its arguments
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for name, sub in action.choices.items():
                yield from _arguments(sub, (*words, name))
        elif words:
            yield words, action


def _completer(offer: _Offer) -> Callable[..., dict[str, str]]:
    def complete(*, parsed_args: argparse.Namespace, **_: Any) -> dict[str, str]:
        try:
            return {what: strip_controls(about) for what, about in offer(open_context(parsed_args))}
        except Exception:  # noqa: BLE001 - the command itself tells what is wrong
            return {}

    return complete


def _accounts(context: Context) -> Iterable[tuple[str, str]]:
    return [(account.name, str(account.provider)) for account in context.loaded.config.accounts]


def _pairs(context: Context) -> Iterable[tuple[str, str]]:
    return [(pair.name, f"with {pair.other.name}") for pair in context.policy.mentorships]


def _sessions(context: Context) -> Iterable[tuple[str, str]]:
    with after_a_pass(context) as store:
        rows = SessionStore(store).upcoming(context.clock.now())
        return [(row.key[0], str(row.verdict["title"])) for row in rows]


def _actions(chosen: Callable[[Store, Context], Iterable[ActionRow]]) -> _Offer:
    def offer(context: Context) -> Iterable[tuple[str, str]]:
        with after_a_pass(context) as store:
            return [(action.id, f"{action.rung}, {action.reason}") for action in chosen(store, context)]

    return offer


def _done(store: Store, _context: Context) -> Iterable[ActionRow]:
    return Journal(store).in_state(State.SENT, State.CONFIRMED)


def _templates(_context: Context) -> Iterable[tuple[str, str]]:
    return USED_WHEN.items()


_OFFERS: dict[tuple[str, str], _Offer] = {
    ("agenda", "session"): _pairs,
    ("", "session"): _sessions,
    ("", "series"): _sessions,
    ("pause", "target"): _pairs,
    ("resume", "target"): _pairs,
    ("draft", "mentorship"): _pairs,
    ("login", "account"): _accounts,
    ("run", "confirm"): _accounts,
    ("approve", "ids"): _actions(waiting),
    ("reject", "ids"): _actions(waiting),
    ("edit", "id"): _actions(waiting),
    ("undo", "id"): _actions(_done),
    ("templates", "name"): _templates,
}
"""By command and argument; "" is any command."""
