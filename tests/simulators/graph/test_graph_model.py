"""What the simulator answers and takes is what the typed models have."""

import json

import pytest

from simulators.graph import make_model, models
from simulators.graph.scene import ADA, DELTA, GRACE, WINDOW, ok
from simulators.graph.scene import scene as a_scene

_NEEDS = "msgraph-sdk is not installed: model.json is compared where it is"


@pytest.fixture
def scene():
    yield from a_scene()


def names(model, value, where=""):
    """Fields that the model does not have, annotations aside."""
    spec = models.models()[model]
    for name, each in value.items():
        if "@" in name:
            continue
        if name not in spec:
            yield f"{where}{name}"
        elif isinstance(spec[name], str) and spec[name] in models.models() and each is not None:
            yield from names(spec[name], each, f"{where}{name}.")
        elif isinstance(spec[name], list) and spec[name][0] in list(models.models()):
            for item in each:
                yield from names(spec[name][0], item, f"{where}{name}.")


def test_answers_have_no_field_that_the_models_do_not_have(scene):
    series = scene.series(isOnlineMeeting=True, location={"displayName": "Room"})
    scene.ada.tentatively_accept(scene.adas(series)["id"])
    api = scene.api()
    shown = [
        ("event", ok(api.get(f"/me/events/{series['id']}"))),
        *[("event", each) for each in ok(api.get("/me/calendarView", **WINDOW))["value"]],
        *[("event", each) for each in ok(api.get(DELTA, **WINDOW))["value"]],
        ("calendar", ok(api.get("/me/calendar"))),
        ("mailboxSettings", ok(api.get("/me/mailboxSettings"))),
        ("user", ok(api.get("/me"))),
    ]
    for model, value in shown:
        assert list(names(model, value)) == []
        written = {name: each for name, each in value.items() if "@" not in name}
        assert models.faults(model, written) == []


def test_the_models_are_those_of_msgraph_sdk():
    pytest.importorskip("msgraph", reason=_NEEDS)
    assert make_model.text() == make_model.PATH.read_text()


def test_the_typed_models_read_what_is_answered(scene):
    pytest.importorskip("msgraph", reason=_NEEDS)
    from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory  # noqa: PLC0415
    from msgraph.generated.models.event import Event  # noqa: PLC0415

    series = scene.series(isOnlineMeeting=True)
    scene.grace.patch(scene.occurrences(series)[1]["id"], {"subject": "Special"})
    factory = JsonParseNodeFactory()
    for each in [*ok(scene.api().get(DELTA, **WINDOW))["value"], *scene.occurrences(series), scene.adas(series)]:
        raw = json.dumps(each).encode()
        event = factory.get_root_parse_node("application/json", raw).get_object_value(Event)
        assert event.id == each["id"]
        assert event.type.value == each["type"]
        assert event.start.time_zone == "UTC"
        if each["type"] != "occurrence" or "subject" in each:
            assert event.organizer.email_address.address == GRACE
            assert event.attendees[0].email_address.address == ADA
            assert event.created_date_time is not None
