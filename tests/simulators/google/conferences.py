"""Conference data: createRequest makes a Meet conference at once, and hangoutLink follows the conference."""

import hashlib
import string

from .store import Fields


def settle_conference(fields: Fields) -> None:
    conference = fields.get("conferenceData")
    if not conference:
        fields.pop("conferenceData", None)
        fields.pop("hangoutLink", None)
        return
    request = conference.get("createRequest")
    if request and "entryPoints" not in conference:
        code = _meeting_code(request.get("requestId", ""))
        conference.update(
            createRequest={**request, "status": {"statusCode": "success"}},
            conferenceId=code,
            conferenceSolution={"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
            entryPoints=[
                {
                    "entryPointType": "video",
                    "uri": f"https://meet.google.com/{code}",
                    "label": f"meet.google.com/{code}",
                }
            ],
        )
    videos = [each["uri"] for each in conference.get("entryPoints", []) if each.get("entryPointType") == "video"]
    if videos and videos[0].startswith("https://meet.google.com/"):
        fields["hangoutLink"] = videos[0]
    else:
        fields.pop("hangoutLink", None)


def _meeting_code(seed: str) -> str:
    letters = [string.ascii_lowercase[byte % 26] for byte in hashlib.sha256(seed.encode()).digest()[:10]]
    return "".join([*letters[:3], "-", *letters[3:7], "-", *letters[7:]])
