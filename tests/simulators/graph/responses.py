"""accept, tentativelyAccept and decline."""

from . import models, notices, times
from .calls import Call
from .errors import ApiError, Refused, no_response_requested, own_meeting
from .store import Fields, Override
from .writes import UNANSWERED, Writer

STATUS = {"accept": "accepted", "tentativelyAccept": "tentativelyAccepted", "decline": "declined"}
_SHOWS = {"accepted": "busy", "tentativelyAccepted": "tentative", "declined": "free"}
_CANCELLED = {
    "accept": "ErrorCalendarIsCancelledForAccept",
    "tentativelyAccept": "ErrorCalendarIsCancelledForTentative",
    "decline": "ErrorCalendarIsCancelledForDecline",
}


def respond(writer: Writer, call: Call, action: str, *, declining_removes: bool) -> None:
    """The organizer cannot; a proposal needs an answer that is sent, and an organizer who allows it."""
    assert call.item is not None
    item, given = call.item, _parameters(call, action)
    writer.guard(call, item)
    fields, event = item.fields, item.event
    if event.is_organizer:
        raise own_meeting()
    if fields["isCancelled"]:
        raise ApiError(400, _CANCELLED[action], "The meeting was cancelled.")
    send = given.get("sendResponse") is not False
    comment, proposed = given.get("comment") or "", _proposed(given)
    if comment and not send:
        message = "'SendResponse' must be true when 'Comment' is not null."
        raise ApiError(400, "ErrorInvalidParameter", message)
    if proposed and not send:
        message = "'SendResponse' must be true when 'ProposedNewTime' is not null."
        raise ApiError(400, "ErrorInvalidParameter", message)
    if proposed and not fields["allowNewTimeProposals"]:
        raise ApiError(400, "ErrorInvalidRequest", "The organizer does not allow new time proposals.")
    if send and not fields["responseRequested"]:
        raise no_response_requested()
    _answer(writer, call, STATUS[action])
    if send:
        writer.record_response(item, STATUS[action], comment, proposed)
    if action == "decline" and declining_removes:
        writer.remove(item)


def _answer(writer: Writer, call: Call, response: str) -> None:
    """In the own copy; an exception that was answered by itself keeps its answer."""
    assert call.item is not None
    item, event = call.item, call.item.event
    answer = {"responseStatus": notices.answered(response, writer.store), "showAs": _SHOWS[response]}
    if item.key:
        event.exceptions.setdefault(item.key, Override()).own |= answer
    else:
        event.own |= answer
        for override in event.exceptions.values():
            if override.own.get("responseStatus", {}).get("response") in UNANSWERED:
                override.own |= answer
    writer.store.touch(event, item.key)


def _parameters(call: Call, action: str) -> Fields:
    given, found = models.action_body(f"{action}Body", call.body)
    if found:
        raise Refused("; ".join(found), code="RequestBodyRead")
    return given


def _proposed(given: Fields) -> Fields | None:
    slot = given.get("proposedNewTime")
    if slot is None:
        return None
    if not slot.get("start") or not slot.get("end"):
        raise Refused("proposedNewTime needs a start and an end", code="ErrorInvalidArgument")
    kept = {name: times.given(slot[name]) for name in ("start", "end")}
    if times.instant(kept["end"]) <= times.instant(kept["start"]):
        raise Refused("proposedNewTime ends before it starts", code="ErrorInvalidArgument")
    return kept
