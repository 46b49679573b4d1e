"""`agendad templates`: the message templates there are; `templates show NAME`: one of them, and what it says."""

import argparse
import textwrap
from dataclasses import dataclass
from typing import Any

from jinja2 import BaseLoader

from agendad.daemon.calendar_store import CalendarStore
from agendad.daemon.config_errors import did_you_mean
from agendad.daemon.context import Context, UsageProblem, open_context
from agendad.daemon.message_gallery import samples
from agendad.daemon.remembering import after_a_pass, event_named
from agendad.daemon.reporting import json_text
from agendad.daemon.template_folder import USED_WHEN, Listed, listed, usable
from agendad.daemon.terminal import wrapped
from agendad.daemon.trial import try_template
from agendad.rules.messages import SUFFIX, Message, environment
from agendad.rules.saying import LANGUAGES

SCHEMA, SHOW_SCHEMA = "agendad.templates/1", "agendad.templates-show/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a template says somewhere."""

    where: str
    message: Message

    def as_json(self) -> dict[str, str]:
        return {"for": self.where, **self.message.as_json()}


def run(args: argparse.Namespace) -> int:
    context = open_context(args)
    folder = context.loaded.config.templates
    overrides, all_ = usable(folder), listed(folder)
    if args.word == "show":
        return _show(args, context, overrides, all_)
    if args.json:
        shape = {
            "schema": SCHEMA,
            "folder": str(folder) if folder else None,
            "templates": [_shape(one) for one in all_],
        }
        print(json_text(shape))
        return 0
    for one in all_:
        print("\n".join(wrapped(one.used_when, f"{one.full_name:<24}")))
        if one.override:
            print(f"{'':<24}yours: {one.override}")
    print(f"\nagendad templates show NAME    the template and what it says{_where_to_put(folder)}")
    return 0


def _where_to_put(folder: object) -> str:
    return (
        f"\nyour own go into {folder}" if folder else "\n`templates:` in the configuration names a folder for your own"
    )


def _shape(one: Listed) -> dict[str, Any]:  # JSON
    return {
        "language": one.language,
        "name": one.name,
        "used_when": one.used_when,
        "built_in": one.built_in,
        "override": str(one.override) if one.override else None,
    }


def _show(args: argparse.Namespace, context: Context, overrides: BaseLoader | None, all_: list[Listed]) -> int:
    language, name = _wanted(args, all_)
    said = _for_session(args.session, name, context, language) if args.session else None
    spoken = said[0].message.language if said else language or context.policy.me.language.partition("-")[0].lower()
    by_name = {one.full_name: one for one in all_}
    one = by_name.get(f"{spoken}/{name}") or by_name[f"{LANGUAGES[0]}/{name}"]
    jinja = environment(overrides)
    source, path, _ = jinja.loader.get_source(jinja, f"{one.full_name}{SUFFIX}") if jinja.loader else ("", None, None)
    shown = said or [Sample(where=scene.title, message=message) for scene, message in samples(name, spoken, overrides)]
    if args.json:
        extra = {"path": path, "source": source, "says": [sample.as_json() for sample in shown]}
        print(json_text({"schema": SHOW_SCHEMA, **_shape(one), **extra}))
        return 0
    print("\n".join(wrapped(one.used_when, f"{one.full_name}: ")))
    if language and one.language != language:
        print(f"there is none in {language}, so this one is used")
    print(f"{'yours' if one.override else 'built in'}: {path}\n")
    print(textwrap.indent(source.rstrip("\n"), "    | ", lambda _: True))
    for sample in shown:
        print("\n".join(["", *wrapped(sample.where, ""), ""]))
        print(f"    [{sample.message.channel}] {sample.message.subject}\n")
        print(textwrap.indent(sample.message.body, "    "))
    return 0


def _wanted(args: argparse.Namespace, all_: list[Listed]) -> tuple[str, str]:
    """(language or "", name) that the command line names.

    Raises:
        UsageProblem: there is no such template.
    """
    before, _, name = args.name.removesuffix(SUFFIX).rpartition("/")
    if name not in USED_WHEN:
        hint = did_you_mean(name, list(USED_WHEN))
        raise UsageProblem(f"{args.name!r} is no message template: {hint} `agendad templates` lists them.")
    if before and args.language and before != args.language:
        raise UsageProblem(f"{args.name} is in {before}, and --language says {args.language}. Nothing was done.")
    language = (args.language or before).replace("_", "-").partition("-")[0].lower()
    known = sorted({one.language for one in all_})
    if language and language not in known:
        raise UsageProblem(f"no message template is in {language!r}; {did_you_mean(language, known)}.")
    return language, name


def _for_session(wanted: str, name: str, context: Context, language: str) -> list[Sample]:
    with after_a_pass(context) as store:
        event = event_named(wanted, CalendarStore(store), context.clock.now())
        message, supposed = try_template(name, event, store, context, language)
    where = "for this session" + (f" ({supposed})" if supposed else "")
    return [Sample(where=where, message=message)]
