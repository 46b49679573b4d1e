"""A text in the user's own editor: a file that nobody else can read, and that is gone afterwards."""

import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_SUBJECT = "subject:"
_MAX_SUBJECT = 200
_MAX_BODY = 20_000
"""Characters; some calendars cut off what is longer."""


class NotEdited(Exception):
    """A text cannot be taken. The message says what happened; nothing was changed."""


def checked(subject: str, body: str) -> tuple[str, str]:
    """A subject and a body as they can go out: trimmed, with plain line breaks.

    Raises:
        NotEdited: one of them is empty or too long, or the subject is not one line.
    """
    subject = subject.strip()
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    body = "\n".join(line.rstrip() for line in lines).strip("\n")
    for name, text, most in (("subject", subject, _MAX_SUBJECT), ("text", body, _MAX_BODY)):
        if not text.strip():
            raise NotEdited(f"the {name} is empty")
        if len(text) > most:
            raise NotEdited(f"the {name} has {len(text)} characters, and may have {most}")
        # Header fields end at a line break, and terminals obey control characters.
        if bad := next((one for one in text if not one.isprintable() and _acts(one, in_subject=name == "subject")), ""):
            raise NotEdited(f"the {name} has a character that cannot be sent (U+{ord(bad):04X})")
    return subject, body


def _acts(character: str, *, in_subject: bool) -> bool:
    """Whether an unprintable character does something; joiners and the like are part of how words are spelled."""
    if character in "\n\t":
        return in_subject
    return ord(character) < 0xA0 or character in "\u2028\u2029" or "\ud800" <= character <= "\udfff"


def as_file(subject: str, body: str) -> str:
    """What the editor shows: the subject's line, an empty line, the body."""
    return f"Subject: {subject}\n\n{body}\n"


def from_file(text: str) -> tuple[str, str]:
    """The inverse of `as_file`, checked.

    Raises:
        NotEdited: it does not begin with the subject's line, or a part is empty.
    """
    first, _, rest = text.lstrip("\ufeff\r\n").partition("\n")
    if not first.lower().startswith(_SUBJECT):
        raise NotEdited("the first line is not “Subject: …” any more")
    return checked(first[len(_SUBJECT) :], rest)


def in_editor(text: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Let the user edit a text with $VISUAL or $EDITOR, in a file of mode 0600 in a folder of its own.

    The folder is the user's alone, so that what the editor puts beside the file is too; all of it is removed.

    Raises:
        NotEdited: there is no editor, it failed, or what it left is no text.
    """
    words = _editor(environ, "; give --subject and --body, or set one of them")
    with tempfile.TemporaryDirectory(prefix=".edit-", dir=folder) as private:  # mode 0700
        path = Path(private) / "message.txt"
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
        _edit(words, path)
        return read_text(path)


def open_editor(path: Path, environ: Mapping[str, str]) -> None:
    """Let the user edit a file of theirs with $VISUAL or $EDITOR.

    Raises:
        NotEdited: there is no editor, or it failed.
    """
    _edit(_editor(environ, "; set one of them"), path)


def _editor(environ: Mapping[str, str], instead: str) -> list[str]:
    command = environ.get("VISUAL") or environ.get("EDITOR") or ""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise NotEdited(f"$VISUAL or $EDITOR cannot be read as a command ({error}): {command}") from None
    if not words:
        raise NotEdited(f"neither $VISUAL nor $EDITOR names an editor{instead}")
    return words


def _edit(words: list[str], path: Path) -> None:
    try:
        with _leaving_interrupts_to_it():
            status = subprocess.run([*words, str(path)], check=False).returncode  # noqa: S603 - the user's editor
    except OSError as error:
        raise NotEdited(f"the editor {words[0]} could not be started: {error.strerror}") from error
    if status != 0:
        raise NotEdited(f"the editor {words[0]} ended with status {status}")


@contextmanager
def _leaving_interrupts_to_it() -> Iterator[None]:
    """In an editor Ctrl-C is a key like others. A handler, as what is ignored would be ignored by the editor too."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def read_text(path: Path) -> str:
    """A file's text.

    Raises:
        NotEdited: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise NotEdited(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise NotEdited(f"{path} is not written in UTF-8") from None
