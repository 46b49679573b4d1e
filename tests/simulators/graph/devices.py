"""The device authorization grant: codes that are shown, polled for, and entered by a person elsewhere."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .errors import IdentityError
from .grants import Consent
from .store import Fields

LIFETIME = timedelta(minutes=15)
_LETTERS = "BCDFGHJKLMNPQRSTVWXYZ23456789"


@dataclass
class Device:
    user_code: str
    realm: str
    scopes: list[str]
    expires: datetime
    state: str = "pending"
    """pending, signed-in, declined, or used."""
    person: str | None = None
    polls: int = 0
    polled: float | None = None


class Devices:
    def __init__(self, now: Callable[[], datetime], consent: Callable[[], Consent]):
        self._now, self._consent = now, consent
        self._devices: dict[str, Device] = {}

    def start(self, realm: str, scopes: list[str]) -> Fields:
        user_code = "".join(secrets.choice(_LETTERS) for _ in range(9))
        device_code = secrets.token_urlsafe(48)
        self._devices[device_code] = Device(user_code, realm, scopes, self._now() + LIFETIME)
        address = "https://login.simulated.example/device"
        return {
            "user_code": user_code,
            "device_code": device_code,
            "verification_uri": address,
            "expires_in": int(LIFETIME.total_seconds()),
            "interval": self._consent().device_interval,
            "message": f"To sign in, use a web browser to open the page {address} and enter the code {user_code} to "
            "authenticate.",
        }

    def enter(self, user_code: str, person: str | None, *, deny: bool) -> None:
        """What a person does on another device."""
        found = next((each for each in self._devices.values() if each.user_code == user_code.strip().upper()), None)
        if found is None or found.expires <= self._now() or found.state != "pending":
            raise ValueError(f"{user_code!r} is no code that waits to be entered")
        found.state, found.person = "declined" if deny else "signed-in", person

    def take(self, device_code: str, realm: str) -> Device:
        """The device that a poll asks for, when its person has signed in."""
        device, consent = self._devices.get(device_code), self._consent()
        if device is None or device.realm != realm or device.state == "used":
            raise IdentityError("bad_verification_code", 70018, "Invalid verification code.")
        if device.expires <= self._now():
            raise IdentityError("expired_token", 70020, "The provided value for 'device_code' is expired.")
        before, device.polled = device.polled, time.monotonic()
        device.polls += 1
        too_soon = before is not None and device.polled - before < consent.device_interval - 0.5
        if device.polls <= consent.slow_down or too_soon:
            raise IdentityError("slow_down", 70037, "The client polls too quickly. Increase the interval.")
        if device.state == "pending" and consent.device_polls is not None and device.polls > consent.device_polls:
            device.state = "declined" if consent.deny else "signed-in"
        if device.state == "declined":
            raise IdentityError("authorization_declined", 70019, "The user denied the authorization request.")
        if device.state == "pending":
            text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
            raise IdentityError("authorization_pending", 70016, text)
        device.state = "used"
        return device
