"""Writes model.json: the names and types of Graph's fields, taken from the typed models of msgraph-sdk.

    make models          compares it with the msgraph-sdk of requirements-models.lock
    python tests/simulators/graph/make_model.py     writes it anew, where msgraph-sdk is installed

The simulator reads the JSON only; msgraph-sdk is needed where this script runs, and nowhere else. A model is an object
of its fields. A type is "string", "boolean", ..., the name of a model, {"enum": [...]}, or a list with one type in it.
"""

import importlib
import inspect
import json
import re
import sys
from enum import Enum
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("model.json")
MODELS = "msgraph.generated.models"
ROOTS = ("Event", "Message", "Calendar", "MailboxSettings", "ScheduleInformation", "TimeSlot", "User")
BODIES = {
    "acceptBody": "events.item.accept.accept_post_request_body.AcceptPostRequestBody",
    "cancelBody": "events.item.cancel.cancel_post_request_body.CancelPostRequestBody",
    "declineBody": "events.item.decline.decline_post_request_body.DeclinePostRequestBody",
    "tentativelyAcceptBody": (
        "events.item.tentatively_accept.tentatively_accept_post_request_body.TentativelyAcceptPostRequestBody"
    ),
    "getScheduleBody": "calendar.get_schedule.get_schedule_post_request_body.GetSchedulePostRequestBody",
    "sendMailBody": "send_mail.send_mail_post_request_body.SendMailPostRequestBody",
}
DERIVED = {"Extension": "OpenTypeExtension", "Attachment": "FileAttachment", "TimeZoneBase": "CustomTimeZone"}
"""Polymorphic ones: the fields of the derived type that is used."""
NOT_FOLLOWED = {"instances", "exceptionOccurrences", "events", "calendarView", "calendarPermissions"}
"""Navigation: their types are those of the answers themselves, or are not served."""
USER_FIELDS = {"id", "displayName", "givenName", "surname", "mail", "userPrincipalName", "preferredLanguage"}
_FIELD = re.compile(r'"([^"]+)": lambda n ?: ?setattr\(self, \'\w+\', n\.get_(\w+)_values?\((\w*)\)\)')
_PRIMITIVES = {
    "str": "string",
    "bool": "boolean",
    "int": "integer",
    "float": "number",
    "datetime": "dateTime",
    "date": "date",
    "time": "time",
    "bytes": "bytes",
    "timedelta": "duration",
    "uuid": "string",
}


def built() -> dict[str, Any]:
    models: dict[str, Any] = {}
    for name in ROOTS:
        _follow(name, models)
    for name, path in BODIES.items():
        module, _, class_name = path.rpartition(".")
        models[name] = _fields(f"msgraph.generated.users.item.{module}", class_name, models)
    return dict(sorted(models.items()))


def _follow(class_name: str, models: dict[str, Any]) -> str:
    name = class_name[0].lower() + class_name[1:]
    if name not in models:
        models[name] = {}
        source = DERIVED.get(class_name, class_name)
        models[name] = _fields(f"{MODELS}.{_snake(source)}", source, models, USER_FIELDS if name == "user" else None)
    return name


def _fields(module: str, class_name: str, models: dict[str, Any], only: set[str] | None = None) -> dict[str, Any]:
    """Own and inherited ones; annotations (@odata.type) are known to the checks themselves."""
    found: dict[str, Any] = {}
    for each in reversed(getattr(importlib.import_module(module), class_name).__mro__):
        if "get_field_deserializers" in vars(each):
            for name, kind, argument in _FIELD.findall(inspect.getsource(each.get_field_deserializers)):
                if not name.startswith("@") and (only is None or name in only):
                    found[name] = "navigation" if name in NOT_FOLLOWED else _type(kind, argument, models)
    return dict(sorted(found.items()))


def _type(kind: str, argument: str, models: dict[str, Any]) -> Any:
    if kind.startswith("collection_of_"):
        inner = kind.removeprefix("collection_of_")
        return [_PRIMITIVES[argument] if inner == "primitive" else _type(inner, argument, models)]
    if kind == "enum":
        enum: type[Enum] = getattr(importlib.import_module(f"{MODELS}.{_snake(argument)}"), argument)
        return {"enum": [each.value for each in enum if each.value != "unknownFutureValue"]}
    return _follow(argument, models) if kind == "object" else _PRIMITIVES[kind]


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def text() -> str:
    """One model a line, so that a change is seen in a diff."""
    lines = [f"{json.dumps(name)}: {json.dumps(fields)}" for name, fields in built().items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: list[str]) -> int:
    """Write the file, or with --check say whether it is as it would be written."""
    if "--check" not in arguments:
        PATH.write_text(text())
        return 0
    if PATH.read_text() == text():
        sys.stdout.write("model.json is what msgraph-sdk has\n")
        return 0
    sys.stderr.write(
        f"{PATH} is not what msgraph-sdk has. Nothing was changed. Run this without --check, look at git diff.\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
