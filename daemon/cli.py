"""The command line. Parses and dispatches; what a command does is in `agendad.daemon.commands`.

Exit: 0 fine, 1 the job found or had failures, 2 usage or configuration error.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from agendad import __version__

_DESCRIPTION = """\
Keeps mentorship meetings worth both people's time: reads calendars, judges
sessions, plans."""
_EPILOG = """\
first steps:
  agendad demo
      the whole job on sample calendars, no account
  agendad init
      a few questions, a configuration, and what it would have done last month
  agendad run --once
      read, judge and plan, once
  agendad summary
      what it found, did and would do; `agendad pending`: what waits for you
  agendad status
      how things stand; `agendad doctor`: what is not in place, and the fix

`agendad COMMAND --help` has examples. The configuration is --config FILE, else
$AGENDAD_CONFIG, else agendad/config.yaml in the platform's configuration
folder. Nothing is sent or changed in `mode: observe`, the default.
"""
_EXAMPLES = {
    "init": (
        ("init", "asks; Enter takes what it proposes"),
        ('init --email grace@example.org --mentor "Ada <ada@example.com>"', "asks for the rest"),
        ("init --yes --name Grace --email grace@example.org --account google", "asks nothing"),
        ("init --account ics:~/calendars/home,notify=none", "a folder that is never written to"),
    ),
    "doctor": (
        ("doctor", "what is right, what is not, and the fix"),
        ("doctor --json", "for a monitor; exit 1 where something is wrong"),
    ),
    "status": (("status", "one screen: mode, accounts, what comes next, what waits"),),
    "check": (
        ("check --example > agendad.yaml", "a configuration to put yourself in"),
        ("check --config agendad.yaml", "every mistake in it at once, with line and column"),
        ("check --schema > agendad.schema.json", "for an editor that completes and checks YAML"),
    ),
    "lint": (
        ("lint invite.ics", "one file"),
        ("lint ~/calendars --strict", "a folder; exit 1 where something is found"),
        ("lint invite.ics --at 2026-12-01T09:00:00Z", "as if it were then"),
    ),
    "run": (
        ("run --dry-run", "what would be done now, with every text; nothing is recorded"),
        ("run --once", "one pass"),
        ("run", "serve until Ctrl-C or SIGTERM"),
        ("run --once --confirm work", "the events that vanished from the account `work` are really gone"),
    ),
    "explain": (
        ('explain "Mentoring Ada"', "by words of the title: the next one"),
        ('explain "Mentoring Ada 2026-12-10"', "the one of that day"),
        ("explain 6f1c@example.org", "by its UID, or the beginning of it"),
    ),
    "agenda": (
        ("agenda ada", "the next session's file, with a skeleton to fill in"),
        ('agenda "Mentoring Ada 2026-12-10" --edit', "the one of that day, in your editor"),
    ),
    "pause": (
        ("pause", "everything, until `agendad resume`"),
        ("pause ada --until 2027-01-07", "one person or mentorship"),
        ('pause --session "Mentoring Ada 2026-12-10" --because "a walk instead"', "one session"),
        ('pause --series "Mentoring Ada" --until "4 weeks"', "all of a series"),
        ("pause --list", "what is paused"),
    ),
    "resume": (
        ("resume", "everything"),
        ("resume ada", "one person or mentorship"),
        ('resume --series "Mentoring Ada"', "one series"),
    ),
    "edit": (
        ("edit 4f2a", "in $EDITOR: the first line is the subject"),
        ("edit 4f2a --body letter.txt", "from a file"),
        ("edit 4f2a --reset", "back to what agendad wrote"),
    ),
    "approve": (
        ("pending", "what waits, with the exact texts"),
        ("approve 4f2a", "one of them"),
        ("approve --all", "all of them"),
    ),
    "reject": (("reject 4f2a", "leaves it as it is; you are not asked about it again"),),
    "undo": (
        ("history", "what was done, with ids"),
        ("undo 4f2a", "the event is as it was before, and who was told is told once more"),
    ),
    "history": (("history --since 7d", "the last week"),),
    "summary": (("summary", "on the screen"), ("summary --send", "as a mail, now")),
    "templates": (
        ("templates", "all of them, and which are yours"),
        ("templates show nudge.other", "the template, and what it says"),
        ('templates show cancel.organizer --for "Mentoring Ada" --language de', "for a session of yours"),
    ),
    "draft": (
        ("draft thanks grace-ada", "what helped and what came of the advice, from your notes"),
        ("draft letter grace-ada --out letter.txt", "a recommendation, or a nomination of your mentor"),
        ("draft first-call grace-ada --language de", "what to send before the first call"),
    ),
    "service": (
        ("service install --dry-run", "what would be written and run"),
        ("service install --config ~/agendad.yaml", "starts it, now and at each login"),
        ("service status", "is it installed, does it run, and since when"),
        ("service uninstall", "stops it; what it remembers is kept"),
        ("service unit > agendad@.service", "the unit for a service of the system"),
    ),
    "login": (
        ("login work", "opens the browser, or shows a code to type"),
        ("login work --no-browser", "on a machine without one"),
    ),
}
"""By command: what people type, and what they get."""
_SHELLS = """\
to have it in every new shell:
  bash, in ~/.bashrc:
      eval "$(agendad completion bash)"
  zsh, in ~/.zshrc:
      autoload -U compinit && compinit; eval "$(agendad completion zsh)"
  fish:
      agendad completion fish > ~/.config/fish/completions/agendad.fish
"""


def _epilog(name: str) -> str:
    if name == "completion":
        return _SHELLS
    lines = [f"  agendad {words}\n      {meaning}" for words, meaning in _EXAMPLES.get(name, ())]
    return "\n".join(["for example:", *lines]) if lines else ""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    argv = sys.argv[1:] if argv is None else argv
    if "_ARGCOMPLETE" in os.environ:
        from agendad.daemon.completing import answer  # noqa: PLC0415 - only where the shell asks

        answer(parser())
    args = parser(argv).parse_args(argv)
    _leave_no_core()
    from importlib import import_module  # noqa: PLC0415 - keeps --help fast

    try:
        return int(import_module(f"agendad.daemon.commands.{args.module}").run(args))
    except KeyboardInterrupt:
        print("\ninterrupted; what was finished is saved, the rest was left as it was", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left; say nothing more
        return 1
    except Exception as error:
        if status := _status(error):
            print(error, file=sys.stderr)
            return status
        raise


def _leave_no_core() -> None:
    """A process that crashes writes no memory to a disk: it holds tokens, and what others wrote."""
    import resource  # noqa: PLC0415 - keeps --help fast

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _status(error: Exception) -> int:
    """The exit status for an error that the user can mend; 0 for one that is ours."""
    from agendad.daemon.config_errors import ConfigError  # noqa: PLC0415 - keeps --help fast
    from agendad.daemon.context import UsageProblem  # noqa: PLC0415
    from agendad.daemon.store import StateError  # noqa: PLC0415
    from agendad.providers.errors import ProviderError  # noqa: PLC0415
    from agendad.rules.messages import MessageTemplateError  # noqa: PLC0415

    if isinstance(error, ProviderError):
        return 1
    return 2 if isinstance(error, ConfigError | MessageTemplateError | StateError | UsageProblem) else 0


class _Unasked:
    """Stands for the arguments of a command that nobody asks for: setting them all up takes longer than the rest."""

    def add_argument(self, *_names: str, **_more: object) -> None:
        pass


def parser(argv: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The command line: the whole of it, or as much as `argv` needs to be read."""
    top = argparse.ArgumentParser(
        prog="agendad",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"agendad {__version__}")
    common = _common()
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, text: str, *, module: str = "", **defaults: str) -> argparse.ArgumentParser | _Unasked:
        if argv is not None and name not in argv:
            commands.add_parser(name, help=text, add_help=False)
            return _Unasked()
        sub = commands.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            epilog=_epilog(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=[common],
        )
        sub.set_defaults(module=module or name, **defaults)
        return sub

    command("demo", "show the whole job on sample calendars in a scratch folder, without any account")
    _init(command("init", "write a configuration by a few questions, and look back on last month"))
    command("doctor", "look at everything that agendad needs, and say how to mend what is wrong")
    command("status", "show on one screen how things stand and what comes next")
    check = command("check", "say whether the configuration is right, and what to know about it")
    check.add_argument("--schema", action="store_true", help="print the JSON Schema for editors instead")
    check.add_argument("--example", action="store_true", help="print a configuration to start from instead")
    lint = command("lint", "judge .ics files and folders without touching them")
    lint.add_argument("paths", nargs="+", metavar="PATH", help="a file or a folder of .ics files")
    lint.add_argument("--at", metavar="RFC3339", help="judge as if it were this time")
    lint.add_argument("--horizon", metavar="DURATION", help="how far to look ahead; the configuration's otherwise")
    lint.add_argument("--strict", action="store_true", help="exit 1 on findings too")
    run = command("run", "read the calendars, judge and plan; serves until it is stopped")
    run.add_argument("--once", action="store_true", help="one pass, then exit")
    run.add_argument("--dry-run", action="store_true", help="one pass that records nothing; implies --once")
    run.add_argument(
        "--confirm",
        action="append",
        default=[],
        metavar="ACCOUNT",
        help="a sudden loss in this account is real",
    )
    command("sessions", "list the sessions to come and how they stand")
    explain = command("explain", "say why an event was judged as it was, or why it is no session")
    explain.add_argument("session", metavar="SESSION", help="words of the title or a UID; a day may follow: 2026-12-03")
    agenda = command("agenda", "begin the file that a session's agenda is written to, and print where it is")
    agenda.add_argument("session", metavar="MENTORSHIP|SESSION", help="its next session, or one named as for `explain`")
    agenda.add_argument("--edit", action="store_true", help="open it in $VISUAL or $EDITOR")
    history = command("history", "list what was decided, when and why")
    history.add_argument("--since", default="30d", metavar="DURATION", help="how far back (30d)")
    for word, text in (
        ("pause", "hold back: everything, one mentorship, one person, a series or one session"),
        ("resume", "go on after a pause"),
    ):
        pause = command(word, text, module="pause", word=word)
        pause.add_argument("target", nargs="?", metavar="PERSON|MENTORSHIP", help="everything if left out")
        pause.add_argument(
            "--session", metavar="SESSION", help="this one only: words of the title or a UID; a day may follow"
        )
        pause.add_argument("--series", metavar="SESSION", help="all of its series, found in the same way")
        if word == "pause":
            pause.add_argument("--until", metavar="WHEN", help="a date, a time, or a duration like 2 weeks")
            pause.add_argument("--because", default="", metavar="TEXT", help="why, for you to read later")
            pause.add_argument("--list", action="store_true", help="list what is paused, and change nothing")
    command("pending", "list what waits for your yes or no, with the exact texts")
    edit = command("edit", "change the text of what waits for your yes, before it goes")
    edit.add_argument("id", metavar="ID", help="from `agendad pending`; its start is enough")
    edit.add_argument("--subject", metavar="TEXT", help="the new subject, without opening an editor")
    edit.add_argument("--body", metavar="FILE", help="the new text, from a file, or - for standard input")
    edit.add_argument("--reset", action="store_true", help="back to the text that agendad wrote")
    for word, text in (
        ("approve", "say yes: it is looked at once more and done"),
        ("reject", "say no: it is left, and not asked again"),
    ):
        answer = command(word, text, module="answer", word=word)
        answer.add_argument("ids", nargs="*", metavar="ID", help="from `agendad pending`; its start is enough")
        if word == "approve":
            answer.add_argument("--all", action="store_true", help="everything that is pending")
    undo = command("undo", "take back what was written to a calendar, and tell those who were told of it")
    undo.add_argument("id", metavar="ID", help="from the summary or `agendad history`")
    summary = command("summary", "print the summary", module="summary")
    summary.add_argument("--send", action="store_true", help="send it as a mail too")
    _templates(command("templates", "list the message templates, or show one and what it says"))
    draft = command("draft", "draft thanks, a letter or a first call from your notes; nothing is sent")
    draft.add_argument(
        "what", choices=("thanks", "letter", "first-call"), metavar="thanks|letter|first-call", help="which"
    )
    draft.add_argument("mentorship", metavar="MENTORSHIP", help="its name in the configuration")
    draft.add_argument("--language", metavar="CODE", help="in this language; the reader's otherwise")
    draft.add_argument("--out", metavar="FILE", help="write it into a new file")
    login = command("login", "sign in to an account, keep the sign-in encrypted, and see that it works")
    login.add_argument("account", metavar="ACCOUNT", help="its name in the configuration")
    login.add_argument(
        "--no-browser", action="store_true", help="open the page elsewhere, and paste the address it ends at"
    )
    service = command("service", "set the background service up, take it down, or tell how it is")
    service.add_argument(
        "word",
        choices=("install", "uninstall", "status", "unit"),
        metavar="WORD",
        help="install, uninstall, status, or unit: print the unit for a service of the system",
    )
    service.add_argument("--dry-run", action="store_true", help="show what would be written and run, and do nothing")
    completion = command("completion", "print what bash, zsh or fish reads to complete commands, names and ids")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="yours")
    mail = command("mail", "send a short test mail to the summary's readers")
    mail.add_argument("word", choices=["test"], metavar="test", help="send it now")
    return top


def _init(init: argparse.ArgumentParser | _Unasked) -> None:
    init.add_argument("--name", metavar="NAME", help="yours")
    init.add_argument("--email", action="append", default=[], metavar="MAIL", help="yours; once for each")
    init.add_argument("--timezone", metavar="ZONE", help="yours, like Europe/London; this machine's otherwise")
    init.add_argument("--language", metavar="CODE", help="of messages to you: en, de, es, fr, pt, it, nl, ja, zh")
    init.add_argument("--holidays", metavar="REGION", help="a country or a part of one: US, DE-BY; - for none")
    init.add_argument(
        "--account",
        action="append",
        default=[],
        metavar="ACCOUNT",
        help="ics:FOLDER, google[:CLIENT-FILE], outlook[:CLIENT-ID] or caldav:URL; other keys may follow: ,notify=none",
    )
    init.add_argument("--mentor", metavar="PERSON", help='who is your mentor: "Ada Lovelace <ada@example.com>"')
    init.add_argument("--mentee", metavar="PERSON", help="or who is your mentee")
    init.add_argument("--their-timezone", metavar="ZONE", help="the mentor's or mentee's")
    init.add_argument("--yes", action="store_true", help="ask nothing: take what a question would propose")
    init.add_argument("--force", action="store_true", help="write in place of a configuration, and keep that beside it")


def _templates(templates: argparse.ArgumentParser | _Unasked) -> None:
    if isinstance(templates, _Unasked):
        return
    words = templates.add_subparsers(dest="word", title="instead of the list", metavar="show")
    text = "show a template and what it says"
    # What stands before `show` counts too: nothing of it is put back to a default.
    show = words.add_parser("show", help=text, description=text, parents=[_common(argparse.SUPPRESS)])
    show.add_argument("name", metavar="NAME", help="cancel.organizer, or de/cancel.organizer")
    show.add_argument("--for", dest="session", metavar="SESSION", help="for a session of yours, named as for `explain`")
    show.add_argument("--language", metavar="CODE", help="in this language")


def _common(default: str | None = None) -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, argument_default=default)
    common.add_argument("--config", metavar="FILE", help="the configuration file")
    common.add_argument("--state-dir", metavar="DIR", help="the folder for what agendad remembers")
    common.add_argument("--json", action="store_true", help="print JSON")
    return common


if __name__ == "__main__":
    sys.exit(main())
