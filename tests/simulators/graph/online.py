"""Online meetings: the block that Teams puts into a body, in the forms that it has had over the years.

Whoever PATCHes a body without the block takes the meeting offline, since the body is where Exchange looks for it.
"""

import secrets
import uuid
from typing import Literal
from urllib.parse import quote

from .store import Fields, Person

Form = Literal["2020", "2024", "2026"]
FORMS: tuple[Form, ...] = ("2020", "2024", "2026")
TENANT = "11112222-3333-4444-5555-666677778888"
_LINE = "_" * 80
_FONT = "font-family:'Segoe UI','Helvetica Neue',Helvetica,Arial,sans-serif"
_SMALL = "font-size:14px; text-decoration:underline; color:#5B5FC7"


def organize(organizer: Person, form: Form) -> tuple[Fields, str]:
    """onlineMeeting of a new meeting, and its block."""
    thread = "meeting_" + secrets.token_hex(24)
    context = quote(f'{{"Tid":"{TENANT}","Oid":"{organizer.oid}"}}', safe="")
    join = f"https://teams.microsoft.com/l/meetup-join/19%3a{thread}%40thread.v2/0?context={context}"
    options = (
        f"https://teams.microsoft.com/meetingOptions/?organizerId={organizer.oid}&amp;tenantId={TENANT}"
        f"&amp;threadId=19_{thread}@thread.v2&amp;messageId=0&amp;language=en-US"
    )
    number, passcode = f"{uuid.uuid4().int % 10**12:012d}", secrets.token_hex(3)
    block = {"2020": _of_2020, "2024": _of_2024, "2026": _of_2026}[form](join, options, number, passcode)
    return {"joinUrl": join, **({"conferenceId": number[:9]} if form == "2020" else {})}, block


def _of_2020(join: str, options: str, number: str, _passcode: str) -> str:
    spaced = " ".join((number[:3], number[3:6], number[6:9]))
    rule = (
        '<div style="width:100%; height:20px"><span style="white-space:nowrap; color:gray; opacity:.36">'
        f"{_LINE}</span>\n</div>\n"
    )
    return f"""{rule}<div class="me-email-text" style="color:#252424; {_FONT}">
<div style="margin-top:24px; margin-bottom:10px"><a class="me-email-headline" href="{join}" target="_blank" rel="noreferrer noopener" style="font-size:18px; text-decoration:underline; color:#6264a7">Join
 Microsoft Teams Meeting</a> </div>
<div>
<div><a class="me-email-link" href="tel:&#43;1 555-010-0100,,{number[:9]}# " target="_blank" style="font-size:14px; text-decoration:none; color:#6264a7">&#43;1 555-010-0100</a>
<span style="font-size:12px">&nbsp; United States, Los Angeles (Toll) </span></div>
</div>
<div style="margin-top:10px; margin-bottom:20px"><span style="font-size:12px">Conference ID:
</span><span style="font-size:14px">{spaced}# </span></div>
<div style="margin-bottom:24px"><a class="me-email-link" target="_blank" href="https://aka.ms/JoinTeamsMeeting" rel="noreferrer noopener" style="font-size:12px; text-decoration:none; color:#6264a7">
Learn more about Teams</a> | <a class="me-email-link" target="_blank" href="{options}" rel="noreferrer noopener" style="font-size:12px; text-decoration:none; color:#6264a7">
Meeting options</a> </div>
</div>
{rule}"""  # noqa: E501 -- as it is sent


def _of_2024(join: str, options: str, number: str, passcode: str) -> str:
    return f"""{_opened()}<div style="margin-bottom:12px"><span class="me-email-text" style="font-size:24px; font-weight:700; margin-right:12px">Microsoft Teams</span>
<a href="https://aka.ms/JoinTeamsMeeting?omkt=en-US" id="meet_invite_block.action.help" class="me-email-link" style="{_SMALL}">
Need help?</a> </div>
<div style="margin-bottom:6px"><a href="{join}" id="meet_invite_block.action.join_link" title="Meeting join link" class="me-email-headline" style="font-size:20px; font-weight:600; text-decoration:underline; color:#5B5FC7">Join
 the meeting now</a> </div>
{_credentials(number, passcode)}{_closed(options)}"""  # noqa: E501 -- as it is sent


def _of_2026(join: str, options: str, number: str, passcode: str) -> str:
    short = f"https://teams.microsoft.com/meet/{number}?p={secrets.token_urlsafe(12)}"
    return f"""{_opened()}<div style="margin-bottom:12px"><span class="me-email-text" style="font-size:20px; color:#242424; font-weight:600">Microsoft Teams meeting</span>
</div>
<div style="margin-bottom:6px"><span class="me-email-text" style="font-size:20px; color:#242424; font-weight:600">Join:
</span><a href="{short}" id="meet_invite_block.action.join_link" title="Meeting join" aria-label="Meeting join" class="me-email-link" style="font-size:20px; text-decoration:underline; color:#5B5FC7">{short}</a>
</div>
{_credentials(number, passcode)}<div style="margin-bottom:24px"><a href="https://aka.ms/JoinTeamsMeeting?omkt=en-US" id="meet_invite_block.action.help" class="me-email-link" style="{_SMALL}">Need help?</a>
<span style="color:#616161">|</span> <a href="{join}" id="meet_invite_block.action.join_link_compatibility" class="me-email-link" style="{_SMALL}">
System reference</a> </div>
{_closed(options)}"""  # noqa: E501 -- as it is sent


def _opened() -> str:
    return (
        f'<br>\n<div class="me-email-text" lang="en-US" style="max-width:1024px; color:#242424; {_FONT}">\n'
        f'<div aria-hidden="true" style="margin-bottom:24px; overflow:hidden; white-space:nowrap">\n{_LINE}</div>\n'
    )


def _credentials(number: str, passcode: str) -> str:
    spaced = " ".join(number[at : at + 3] for at in range(0, 12, 3))
    label = '<span class="me-email-text-secondary" style="font-size:14px; color:#616161">'
    value = '<span class="me-email-text" style="font-size:14px; color:#242424">'
    return (
        f'<div style="margin-bottom:6px">{label}Meeting ID:\n</span>{value}{spaced}</span>\n</div>\n'
        f'<div style="margin-bottom:32px">{label}Passcode:\n</span>{value}{passcode}</span>\n</div>\n'
        '<div style="margin-bottom:12px; max-width:1024px">\n'
        '<hr style="border:0; background:#616161; height:1px">\n</div>\n'
    )


def _closed(options: str) -> str:
    return (
        '<div><span class="me-email-text-secondary" style="font-size:14px; color:#616161">For organizers:\n</span>'
        f'<a href="{options}" id="meet_invite_block.action.organizer_meet_options" class="me-email-link" '
        f'style="{_SMALL}">Meeting\n options</a> </div>\n'
        '<div style="margin-top:24px; margin-bottom:6px"></div>\n<div style="margin-bottom:24px"></div>\n'
        f'<div aria-hidden="true" style="margin-bottom:24px; overflow:hidden; white-space:nowrap">\n{_LINE}</div>\n'
        "</div>\n"
    )
