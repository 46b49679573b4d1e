"""A desktop's keyring in the file that `$DESKTOP_KEYRING` names; its state is open, locked or broken."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Keyring(KeyringBackend):
    """What programs see of it, through the `keyring` package."""

    priority = 9

    def get_password(self, service, username):
        return self._content().get("entries", {}).get(f"{service}/{username}")

    def set_password(self, service, username, password):
        content = self._content()
        content.setdefault("entries", {})[f"{service}/{username}"] = password
        _file().write_text(json.dumps(content))

    def delete_password(self, service, username):
        content = self._content()
        if content.get("entries", {}).pop(f"{service}/{username}", None) is None:
            raise PasswordDeleteError("no such entry")
        _file().write_text(json.dumps(content))

    def _content(self):
        content = json.loads(_file().read_text()) if _file().exists() else {}
        if content.get("state") == "locked":
            raise KeyringLocked("the user dismissed the dialog")
        if content.get("state") == "broken":
            raise ConnectionError("the bus is gone")
        return content


def _file():
    return Path(os.environ["DESKTOP_KEYRING"])


def put_in_state(state):
    """open, locked or broken."""
    content = json.loads(_file().read_text()) if _file().exists() else {}
    _file().write_text(json.dumps({**content, "state": state}))
