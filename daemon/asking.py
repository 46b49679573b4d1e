"""Questions for the first configuration: from flags, from a person at a terminal, or from what the machine knows.

A person is asked again, with the reason, until an answer is right. What comes by flag and is wrong ends it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from agendad.daemon import first_run
from agendad.daemon.config import local_zone
from agendad.daemon.context import UsageProblem
from agendad.daemon.first_run import GOOGLE_FILE, NONE, AccountAnswer, Answers, BadAnswer
from agendad.daemon.terminal import wrapped
from agendad.rules.policy import Party
from agendad.rules.saying import LANGUAGES, called

_NOTHING = "Nothing was written."
_BESIDE = 40
"""Characters of a question that leave room for the answer on the same line."""
_INTRODUCTION = (
    "A few questions, then a look at what agendad would have done last month. Nothing is sent or changed. Enter takes "
    "what stands in [brackets]; Ctrl-C leaves everything as it was."
)


@dataclass(frozen=True, kw_only=True)
class Given:
    """What came by flag, "" or nothing for what did not."""

    name: str = ""
    emails: tuple[str, ...] = ()
    timezone: str = ""
    language: str = ""
    holidays: str = ""
    accounts: tuple[str, ...] = ()
    mentor: str = ""
    mentee: str = ""
    their_timezone: str = ""

    @property
    def role(self) -> Party | None:
        """What the other person is."""
        return Party.MENTOR if self.mentor else Party.MENTEE if self.mentee else None


@dataclass(frozen=True, kw_only=True)
class _Field:
    """One thing to know: `put` takes an answer in, and raises BadAnswer for one that cannot be used."""

    flag: str
    question: str
    put: Callable[[Answers, str], Answers]
    usual: Callable[[Answers, Mapping[str, str]], str] = lambda _answers, _environ: ""
    """What is taken where nobody says; "" for what must be said."""


def _zone_here(_answers: Answers, _environ: Mapping[str, str]) -> str:
    return local_zone() or ""


_ME = (
    _Field(
        flag="--name",
        question="Your name",
        put=lambda answers, text: replace(answers, name=text),
        usual=lambda _answers, _environ: first_run.name_here(),
    ),
    _Field(
        flag="--email",
        question="Your mail addresses, all that you are invited under, with commas",
        put=lambda answers, text: replace(answers, emails=first_run.emails_in(text)),
    ),
    _Field(
        flag="--timezone",
        question="Your time zone",
        put=lambda answers, text: replace(answers, timezone=text),
        usual=_zone_here,
    ),
    _Field(
        flag="--language",
        question=f"The language for messages to you ({', '.join(LANGUAGES)})",
        put=lambda answers, text: replace(answers, language=first_run.language_in(text)),
        usual=lambda _answers, environ: first_run.language_here(environ),
    ),
    _Field(
        flag="--holidays",
        question=f"Public holidays: a country or a part of one, like US or DE-BY; {NONE} for none",
        put=lambda answers, text: replace(answers, holidays=first_run.holidays_in(text)),
        usual=lambda answers, _environ: first_run.country_of(answers.timezone) or NONE,
    ),
)
_ACCOUNT = _Field(
    flag="--account",
    question="A calendar: a folder of .ics files, caldav:URL, google or outlook",
    put=lambda answers, text: _with_account(answers, first_run.account_in(text)),
)
_THEIR_ZONE = _Field(
    flag="--their-timezone",
    question="{name}'s time zone; - if you do not know",
    put=lambda answers, text: replace(answers, other_zone="" if text == NONE else text),
    usual=lambda _answers, _environ: NONE,
)


def _other(role: Party) -> _Field:
    return _Field(
        flag=f"--{role}",
        question=f"Your {role}, like Ada Lovelace <ada@example.com>",
        put=lambda answers, text: replace(answers, role=role, other=first_run.person_in(text)),
    )


def _with_account(answers: Answers, account: AccountAnswer) -> Answers:
    return replace(answers, accounts=(*answers.accounts, account))


def by_flag(given: Given, path: Path) -> Answers:
    """What the flags say. `path`: where the configuration will be.

    Raises:
        UsageProblem: with everything that is wrong with them.
    """
    answers, wrong = Answers(), list[str]()
    if given.mentor and given.mentee:
        wrong.append("--mentor and --mentee: give one of them; the file takes more pairs afterwards")
    if given.their_timezone and given.role is None:
        wrong.append("--their-timezone: whose? Give --mentor or --mentee with it")
    values = (given.name, ", ".join(given.emails), given.timezone, given.language, given.holidays)
    said = [(field, value) for field, value in zip(_ME, values, strict=True) if value]
    said += [(_ACCOUNT, value) for value in given.accounts]
    if given.role is not None:
        said.append((_other(given.role), given.mentor or given.mentee))
        said += [(_THEIR_ZONE, given.their_timezone)] if given.their_timezone else []
    for field, value in said:
        try:
            answers = _taken_in(field, answers, value, path)
        except BadAnswer as error:
            wrong.append(f"{field.flag}: {error}")
    if wrong:
        raise UsageProblem("\n".join([*wrong, _NOTHING]))
    return answers


def by_machine(given: Given, answers: Answers, path: Path, environ: Mapping[str, str]) -> tuple[Answers, list[str]]:
    """The rest as this machine has it; the second value says what was taken.

    Raises:
        UsageProblem: there is something that only the person can tell.
    """
    missing, taken = [] if given.accounts else [_ACCOUNT.flag], list[str]()
    for field in _open(given):
        usual = field.usual(answers, environ)
        if not usual:
            missing.append(field.flag)
            continue
        answers = _taken_in(field, answers, usual, path)
        taken.append(f"{field.flag} {usual}")
    if missing:
        raise UsageProblem(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing, and nobody can be asked here. "
            f"{_NOTHING} Give {'it' if len(missing) == 1 else 'them'}, or run `agendad init` on a terminal without "
            "--yes and --json. `agendad init --help` has examples."
        )
    return answers, taken


def by_person(given: Given, answers: Answers, path: Path, environ: Mapping[str, str]) -> Answers:
    """The rest, asked.

    Raises:
        UsageProblem: the input ended.
        KeyboardInterrupt: the person did.
    """
    with suppress(ImportError):  # arrow keys
        import readline  # noqa: F401, PLC0415
    _say(_INTRODUCTION)
    for field in _open(given):
        answers = _asked(field, answers, path, usual=field.usual(answers, environ))
    if not given.accounts:
        answers = _accounts(answers, path)
    if given.role is None:
        answers = _pair(answers, path)
    if answers.role is not None and not given.their_timezone:
        zone = replace(_THEIR_ZONE, question=_THEIR_ZONE.question.format(name=called(answers.other[0])))
        answers = _asked(zone, answers, path, usual=NONE)
    return answers


def _open(given: Given) -> Sequence[_Field]:
    values = (given.name, given.emails, given.timezone, given.language, given.holidays)
    return [field for field, value in zip(_ME, values, strict=True) if not value]


def _accounts(answers: Answers, path: Path) -> Answers:
    field = replace(_ACCOUNT, put=_asked_account)
    answers = _asked(field, answers, path)
    more = replace(field, question="Another calendar; Enter for no more")
    while (after := _asked(more, answers, path, required=False)) is not answers:
        answers = after
    return answers


def _asked_account(answers: Answers, text: str) -> Answers:
    """An account of which a person may also say the folder alone, and is asked what else it needs."""
    is_folder = text.startswith(("/", "~", ".")) or Path(text).is_dir()
    account = first_run.account_in(f"ics:{text}" if is_folder else text)
    if account.provider == "google" and "client_secrets" not in account.options:
        file = _line("The OAuth client's file from Google (docs/google.md); it may come later", GOOGLE_FILE)
        account = first_run.account_in(f"google:{file}")
    if account.provider == "outlook" and "client_id" not in account.options:
        client = _line("The application's client id at Microsoft (docs/outlook.md); Enter for later")
        account = first_run.account_in(f"outlook:{client}")
    return _with_account(answers, account)


def _pair(answers: Answers, path: Path) -> Answers:
    while True:
        text = _line(f"Whom do you meet: your mentor, or your mentee? {NONE} for nobody yet", Party.MENTOR).lower()
        if text == NONE:
            return answers
        if text in tuple(Party):
            return _asked(_other(Party(text)), answers, path)
        _say(f"Write mentor, mentee or {NONE}; the file takes more pairs afterwards.", "    ")


def _asked(field: _Field, answers: Answers, path: Path, *, usual: str = "", required: bool = True) -> Answers:
    """With an answer that is right; the same answers for Enter where none is required."""
    while True:
        text = _line(field.question, usual)
        if not text and not required:
            return answers
        try:
            return _taken_in(field, answers, text, path)
        except BadAnswer as error:
            _say(str(error), "    ")


def _taken_in(field: _Field, answers: Answers, text: str, path: Path) -> Answers:
    """Raises BadAnswer where the configuration would be wrong with it."""
    if not text.strip():
        raise BadAnswer("this is needed")
    after = field.put(answers, text.strip())
    if found := first_run.faults(after, path):
        raise BadAnswer("; ".join(part for part in (found[0].message, found[0].hint) if part))
    return after


def _line(question: str, usual: str = "") -> str:
    """What is typed, `usual` for Enter. A long question stands above, so that there is room beside."""
    proposed = f"[{usual}]: " if usual else ""
    if len(question) > _BESIDE:
        _say(question)
        prompt = f"  {proposed or '> '}"
    else:
        prompt = f"{question} {proposed}" if usual else f"{question}: "
    try:
        return input(prompt).strip() or usual
    except EOFError:
        print()  # noqa: T201 - the question stands on the terminal
        raise UsageProblem(f"The input ended before the last question. {_NOTHING}") from None


def _say(text: str, first: str = "") -> None:
    print("\n".join(wrapped(text, first)))  # noqa: T201
