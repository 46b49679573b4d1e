"""Expressions in CEL, the Common Expression Language: checked when they are read, bounded when they are evaluated.

What CEL's own library bounds: depth of nesting, 10,000 rounds of macros, and the time of a regular expression, which
is linear in the text. What is refused here beside it, as it would multiply: see `_refused`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from math import prod
from typing import Any

MAX_EXPRESSION = 1000
"""Characters of an expression."""
MAX_PATTERN = 100
"""Characters of a regular expression."""
MAX_PATTERN_COST = 1000
"""Those characters times the repetitions that are counted in it: x{20} counts twenty times."""
MAX_PATTERNS = 3
"""Regular expressions in one expression."""
MAX_SUMS = 4
"""Times that + may stand in one expression."""

_MACROS = frozenset({"all", "exists", "exists_one", "filter"})
_PACKAGE = "cel-expr-python"
_ENVIRONMENT = """
stdlib:
  exclude_macros: [map]
  exclude_functions:
    - name: _+_
      overloads: [{id: add_string}, {id: add_bytes}]
    - name: bytes
    - name: dyn
"""
"""CEL without what makes texts grow, and without leaving its types. `filter` needs + on lists."""
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<text>[bB]?[rR](?:'{3}.*?'{3}|"{3}.*?"{3}|"[^"\r\n]*"|'[^'\r\n]*')
      |[bB]?(?:'{3}(?:\\.|[^\\])*?'{3}|"{3}(?:\\.|[^\\])*?"{3}|"(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*'))
    |(?P<word>[A-Za-z_]\w*)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_TOLD = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '_?([^']*?)_?' applied to '\((.*)\)'")
_UNBOUND = re.compile(r'No value with name "([^"]*)"')
_WORDS = {"string": "text", "int": "whole number", "bool": "true or false", "double": "number"}


class ExpressionError(ValueError):
    """An expression cannot be used. The text says what is wrong and, after a semicolon, what to do."""


class CannotTell(Exception):
    """An expression has no answer for these values. The text says why, in half a sentence."""


class Expression:
    """One that was checked: it is true or false, and uses only the names that there are."""

    def __init__(self, program: Any) -> None:  # the library has no types
        self._program = program

    def holds(self, values: Mapping[str, Any]) -> bool:  # what the library takes: see `compiled`
        """Evaluate it.

        Args:
            values: by name; a name that is left out is not known.

        Raises:
            CannotTell: it asks for what is not known, or fails on these values.
        """
        try:
            found = self._program.eval(data=dict(values))
        except RuntimeError as error:
            raise CannotTell(_plainly(str(error))) from None
        if found.type().name() == "ERROR":
            raise CannotTell(_plainly(str(found.value())))
        return found.value() is True


@lru_cache(maxsize=256)
def compiled(text: str, names: tuple[tuple[str, str], ...]) -> Expression:
    """Check an expression.

    Args:
        text: it, in CEL.
        names: each name that it may use, with its CEL type: int, list<map<string, string>>.

    Raises:
        ExpressionError: it cannot be used.
    """
    environment = _environment(names)
    tokens = [(str(found.lastgroup), found[0]) for found in _TOKEN.finditer(text) if found.lastgroup != "space"]
    for refusal in _refused(text, tokens):
        raise ExpressionError(refusal)
    program = _checked(environment, text, [name for name, _ in names])
    if program.return_type().name() != "BOOL":
        raise ExpressionError("this is neither true nor false; compare it with something, as in session.minutes > 60")
    for _, literal in _patterns(tokens):
        _fits(environment, literal)
    return Expression(program)


@lru_cache(maxsize=4)
def _environment(names: tuple[tuple[str, str], ...]) -> Any:  # the library has no types
    try:
        from cel_expr_python import cel  # noqa: PLC0415 - large, and only for those who have rules of their own
    except ImportError:
        raise ExpressionError(
            f"expressions cannot be read here, as the package {_PACKAGE} is not installed; install it where agendad is"
            " installed, or remove this rule"
        ) from None
    config = cel.NewEnvConfigFromYaml(_ENVIRONMENT)
    return cel.NewEnv(config=config, variables={name: cel.Type(kind) for name, kind in names})


def _refused(text: str, tokens: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What would let a short expression do much work."""
    if len(text) > MAX_EXPRESSION:
        yield f"this has {len(text)} characters, and {MAX_EXPRESSION} are the most; make two rules of it"
    words = [token for kind, token in tokens]
    if "`" in words:
        yield "` has no place here; write names without it"
    if words.count("+") > MAX_SUMS:
        yield f"+ stands {words.count('+')} times in this, and {MAX_SUMS} times are the most; make two rules of it"
    for word, instead in (("dyn", "leave it out"), ("map", "use exists, all or filter")):
        if ("word", word) in tokens and word in _called(tokens):
            yield f"{word}() is not part of what may be used; {instead}"
    yield from _nested(tokens)
    if words.count("matches") > MAX_PATTERNS:
        yield f"this has more than {MAX_PATTERNS} regular expressions; join them with |"
    if len(list(_patterns(tokens))) < words.count("matches"):
        yield "matches() takes one text in quotes, written out; as in session.title.matches('(?i)review')"


def _called(tokens: Sequence[tuple[str, str]]) -> list[str]:
    return [word for (_, word), (_, after) in pairwise(tokens) if after == "("]


def _nested(tokens: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Macros in macros, and regular expressions in them: each multiplies."""
    opened: list[bool] = []
    for place, (_, said) in enumerate(tokens):
        before = tokens[place - 1][1] if place else ""
        macro = said in _MACROS and place + 1 < len(tokens) and tokens[place + 1][1] == "("
        if macro and any(opened):
            yield f"{said}() stands inside another of its kind; take it out of there"
        if said == "matches" and any(opened):
            yield "matches() stands inside exists, all or filter; use contains, startsWith or endsWith there"
        if said in {"(", "[", "{"}:
            opened.append(before in _MACROS and said == "(")
        elif said in {")", "]", "}"} and opened:
            opened.pop()


def _patterns(tokens: Sequence[tuple[str, str]]) -> Iterator[tuple[int, str]]:
    """(place, literal) of each regular expression that is written out: `.matches('…')`."""
    for place, (kind, token) in enumerate(tokens):
        around = [one for _, one in tokens[place - 3 : place]] if place >= 3 else []
        after = tokens[place + 1][1] if place + 1 < len(tokens) else ""
        if kind == "text" and around == [".", "matches", "("] and after == ")":
            yield place, token


def _fits(environment: Any, literal: str) -> None:  # the library has no types
    """A regular expression is right, and does not grow too much where it is repeated."""
    pattern = environment.compile(literal).eval(data={}).value()
    if not isinstance(pattern, str):
        raise ExpressionError(f"{literal} is no text; write it in quotes, without b")
    counted = prod(max(1, int(most or least)) for least, most in _COUNT.findall(pattern))
    if len(pattern) > MAX_PATTERN or len(pattern) * counted > MAX_PATTERN_COST:
        raise ExpressionError(
            f"the regular expression {literal} is too large; at most {MAX_PATTERN} characters, and {MAX_PATTERN_COST}"
            " when they are multiplied by the repetitions counted in it"
        )
    tried = environment.compile(f"''.matches({literal})").eval(data={})
    if tried.type().name() == "ERROR":
        raise ExpressionError(f"{_plainly(str(tried.value()))}; correct {literal}")


def _checked(environment: Any, text: str, known: Sequence[str]) -> Any:  # the library has no types
    try:
        return environment.compile(text)
    except RuntimeError as error:
        faults = [(int(line), int(column), said) for line, column, said in _TOLD.findall(str(error))]
        if not faults:
            raise ExpressionError(f"{_plainly(str(error))}; make it shorter") from None
        line, column, said = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        where = f"line {line}, character {column}" if "\n" in text.strip() else f"character {column}"
        what, hint = _worded(said, known)
        raise ExpressionError(f"{where}: {what}{more}; {hint}") from None


def _worded(said: str, known: Sequence[str]) -> tuple[str, str]:
    if found := _UNDECLARED.match(said):
        return f"there is no `{found[1]}`", _nearest(found[1], known)
    if found := _OVERLOAD.match(said):
        kinds = " and ".join(_WORDS.get(kind.strip(), kind.strip()) for kind in found[2].split(", "))
        return f"`{found[1]}` does not go with {kinds}", "compare like with like"
    reason = said.partition(" expecting ")[0].removeprefix("Syntax error: ").replace(";", ",")
    return f"this is no CEL: {reason}", "see docs/own-rules.md"


def _nearest(name: str, known: Sequence[str]) -> str:
    inner = [one for one in known if one.startswith(f"{name}.")]
    if inner:
        return f"it holds {', '.join(inner)}"
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else "what there is: docs/session-fields.md"


def _plainly(said: str) -> str:
    """An error of the library in half a sentence."""
    if found := _UNBOUND.search(said):
        return f"{found[1]} is not known of this session"
    text = re.sub(r"^[A-Z_]+: ", "", said).partition(" [")[0].replace(";", ",").strip()
    return text[:1].lower() + text[1:].rstrip(".")
