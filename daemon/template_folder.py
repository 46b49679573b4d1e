"""The message templates there are, the user's own among them, and what is wrong with those."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from jinja2 import BaseLoader, Environment, FileSystemLoader, TemplateNotFound, TemplateSyntaxError, meta, nodes

from agendad.daemon.config_errors import Problem, did_you_mean, nearest
from agendad.daemon.message_gallery import every_scene, word
from agendad.rules.drafts import DRAFT_VARIABLES, TEMPLATES
from agendad.rules.messages import SUFFIX, VARIABLES, MessageTemplateError, environment, template_names

USED_WHEN: Mapping[str, str] = MappingProxyType(
    {
        "agenda.attendee": "you attend and send the other what your agenda file says",
        "agenda.organizer": "you organize, and what your agenda file says is put into the invite",
        "agenda.self": "you are asked before that is done",
        "ask.self": "you are asked before a step is taken",
        "cancel.attendee": "you attend and decline the session",
        "cancel.organizer": "you organize and cancel the session",
        "draft.first-call": "you ask for a draft to open a first call with",
        "draft.letter": "you ask for a draft of a recommendation or a nomination",
        "draft.thanks": "you ask for a draft of thanks",
        "handover.attendee": "you attend and offer to send the invite from now on",
        "handover.organizer": "you organize and ask the other to take over the invite",
        "hold.attendee": "you attend and answer “tentative” for now",
        "hold.organizer": "you organize and put the session on hold for now",
        "move.organizer": "you organize, the logistics are yours, and you move the session",
        "nudge.other": "the other is reminded, or asked about the invite",
        "nudge.self": "you are reminded, where the logistics are yours",
        "patch.attendee": "you attend and send the other lines for the invite",
        "patch.organizer": "you organize and put lines into the invite",
        "prompt.self": "you are asked after a session what was advised, or promised",
        "reschedule.attendee": "you attend and ask for another time",
        "reschedule.organizer": "you organize and ask for another time",
        "restore.attendee": "you attend, and your answer is as it was before",
        "restore.organizer": "you organize, and the session is on again",
    }
)
"""When a template is used, by its name without a language."""
_LANGUAGE = re.compile("[a-z]{2,8}")
_NO_TEMPLATE = ("README", ".", "~")
"""How files may be called, or end, that nobody means as a template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One template. `override` is the user's own file, where there is one."""

    language: str
    name: str
    built_in: bool
    override: Path | None

    @property
    def full_name(self) -> str:
        return f"{self.language}/{self.name}"

    @property
    def used_when(self) -> str:
        return USED_WHEN[self.name]


class Texts(BaseLoader):
    """The user's templates as they stood in their folder at one moment.

    What an editor writes later is another set: a broken save changes nothing about what is said meanwhile.
    """

    def __init__(self, folder: Path | None) -> None:
        """Files that cannot be read are left out: the built-in text is used in their place."""
        self._folder = folder
        self._files: dict[str, bytes] = {}
        depths = ("*", "*/*", "*/*/*") if folder is not None and folder.is_dir() else ()
        for path in (path for depth in depths for path in (folder or Path()).glob(depth)):
            name = path.relative_to(folder or Path()).as_posix()
            if not _no_template(name):
                with suppress(OSError):
                    self._files[name] = path.read_bytes()

    @property
    def fingerprint(self) -> str:
        """Tells one set of texts from another."""
        whole = hashlib.sha256()
        for name, content in sorted(self._files.items()):
            whole.update(f"{name}\0{len(content)}\0".encode() + content)
        return whole.hexdigest()

    def get_source(self, _environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        content = self._files.get(template)
        if content is None:
            raise TemplateNotFound(template)
        return content.decode("utf-8"), str((self._folder or Path()) / template), lambda: True

    def list_templates(self) -> list[str]:
        return sorted(self._files)


def listed(folder: Path | None) -> list[Listed]:
    """Every template: the built-in ones and those in the folder that messages use, by language and name."""
    built_in = {name.removesuffix(SUFFIX) for name in template_names()}
    own = {name: path for name, path in _own(folder) if _is_message(name)}
    return [
        Listed(
            language=language,
            name=name,
            built_in=f"{language}/{name}" in built_in,
            override=own.get(f"{language}/{name}"),
        )
        for language, _, name in (full.partition("/") for full in sorted(built_in | set(own)))
    ]


def usable(folder: Path | None) -> FileSystemLoader | None:
    """What reads the user's templates.

    Raises:
        MessageTemplateError: the folder is not there.
    """
    if folder is None:
        return None
    if not folder.is_dir():
        raise MessageTemplateError(
            f"templates: {folder} is no folder. Nothing was done. Make it, or leave `templates` out of the "
            "configuration to use the built-in texts."
        )
    return FileSystemLoader(folder)


def faults(folder: Path | None) -> Iterator[MessageTemplateError]:
    """What keeps the user's templates from working, each fault once: every one is tried on the gallery's scenes.

    Raises:
        MessageTemplateError: the folder is not there.
    """
    overrides = usable(folder)
    seen = set()
    for language in sorted(_languages(name for name, _ in _own(folder))):
        for scene in every_scene():
            try:
                word(scene, overrides, language)
            except MessageTemplateError as error:
                if (error.where, error.line, error.what) not in seen:
                    seen.add((error.where, error.line, error.what))
                    yield error


def problems(folder: Path | None) -> list[Problem]:
    """The same for `agendad check`, with unknown names in places that no scene reaches.

    Raises:
        MessageTemplateError: the folder is not there.
    """
    found = [
        Problem(
            file=str(path),
            line=line,
            message=f"{variable!r} is no variable of messages",
            hint=did_you_mean(variable, list(_variables(name))),
        )
        for name, path in _own(folder)
        if _is_message(name)
        for variable, line in _unknown(path, _variables(name))
    ]
    places = {(problem.file, problem.line) for problem in found}
    return found + [
        Problem(file=error.where, line=error.line or None, message=error.what, hint="with it nothing can be said")
        for error in faults(folder)
        if (error.where, error.line) not in places
    ]


def unused(folder: Path | None) -> Iterator[tuple[Path, str]]:
    """Files in the folder that no message uses, each with a hint: the name that was probably meant."""
    if folder is None:
        return
    used = {f"{one.full_name}{SUFFIX}" for one in listed(folder)} | _imported(folder)
    languages = _languages([*template_names(), *(name for name, _ in _own(folder))])
    known = [f"{language}/{name}{SUFFIX}" for language in sorted(languages) for name in USED_WHEN]
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name not in used and not _no_template(name):
            wanted = name if "/" in name else f"en/{name}"
            near = nearest(wanted, known)
            yield path, f"did you mean `{near}`?" if near else "`agendad templates` lists the names"


def _own(folder: Path | None) -> Iterator[tuple[str, Path]]:
    """(name with its language and without its ending, file) of each template in the folder."""
    if folder is not None:
        for path in sorted(folder.glob(f"*/*{SUFFIX}")):
            yield path.relative_to(folder).as_posix().removesuffix(SUFFIX), path


def _is_message(name: str) -> bool:
    language, _, base = name.partition("/")
    return base in USED_WHEN and _LANGUAGE.fullmatch(language) is not None


def _languages(names: Iterable[str]) -> set[str]:
    """The languages of templates, where somebody can be written to in them."""
    return {language for name in names if _LANGUAGE.fullmatch(language := name.partition("/")[0])}


def _no_template(name: str) -> bool:
    return any(part.startswith(_NO_TEMPLATE[:2]) for part in name.split("/")) or name.endswith(_NO_TEMPLATE[2])


def _imported(folder: Path) -> set[str]:
    """What other templates import, include or extend, also by way of each other."""
    jinja = environment(FileSystemLoader(folder))
    found, present = set[str](), set(jinja.list_templates(extensions=["j2"]))
    waiting = [name for name in present if _is_message(name.removesuffix(SUFFIX))]
    while waiting:
        for name in _references(jinja, waiting.pop()):
            if name in present and name not in found:
                found.add(name)
                waiting.append(name)
    return found


def _references(jinja: Environment, name: str) -> Iterator[str]:
    if jinja.loader is None:
        return
    try:
        tree = jinja.parse(jinja.loader.get_source(jinja, name)[0])
    except (TemplateSyntaxError, UnicodeDecodeError):  # told elsewhere
        return
    yield from (one for one in meta.find_referenced_templates(tree) if one is not None)


def _variables(name: str) -> Mapping[str, str]:
    """What a template, named with its language, may use."""
    return DRAFT_VARIABLES if name.partition("/")[2] in TEMPLATES else VARIABLES


def _unknown(path: Path, variables: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """(name, line) of what a template uses and nobody gives it; a name that it asks for with `is defined` may be."""
    jinja = environment(None)
    try:
        tree = jinja.parse(path.read_text("utf-8"))
        missing = meta.find_undeclared_variables(tree) - set(variables) - set(jinja.globals)
    except (TemplateSyntaxError, UnicodeDecodeError, OSError):  # told by the attempt to use it
        return
    asked = {
        test.node.name
        for test in tree.find_all(nodes.Test)
        if test.name in ("defined", "undefined") and isinstance(test.node, nodes.Name)
    }
    for name in sorted(missing - asked):
        yield name, min(use.lineno for use in tree.find_all(nodes.Name) if use.name == name)
