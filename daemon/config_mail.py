"""The shapes of the ways for mail to leave."""

import os
from typing import Annotated, Literal

from pydantic import Field, model_validator

from agendad.daemon.config_accounts import PasswordAuth
from agendad.daemon.config_values import MAIL_CREDENTIAL, ConfigPath, credential, is_loopback
from agendad.rules.policy import Email, Shape


class SmtpMail(Shape):
    """Mail through a server."""

    transport: Literal["smtp"]
    """How mail leaves."""
    host: Annotated[str, Field(min_length=1)]
    """The server's name."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """The server's port."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """Encryption; none is for this machine only."""
    username: Annotated[str, Field(min_length=1)] | None = None
    """The user name there, if the server asks for one."""
    auth: PasswordAuth | None = None
    """Where the password comes from; needed with a user name."""
    sender: Email | None = Field(default=None, alias="from")
    """The sender's address; the first of your own otherwise."""

    @model_validator(mode="after")
    def _encrypted(self) -> "SmtpMail":
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError("security none is for this machine only (localhost); use starttls or tls")
        return self

    @model_validator(mode="after")
    def _password_with_a_user_name(self) -> "SmtpMail":
        if self.username is None and self.auth is not None:
            raise ValueError("a password without a user name; add `username:`, or leave out `auth`")
        if self.username is not None and self.auth is None and credential(MAIL_CREDENTIAL, os.environ) is None:
            raise ValueError(
                "a user name, and no place to read its password from; add auth: {method: password, env: NAME}, or"
                " keyring: true, file: PATH or command: [PROGRAM, …] in place of env"
            )
        return self


class FileMail(Shape):
    """Mail as .eml files in a folder, for trying out."""

    transport: Literal["file"]
    """How mail leaves."""
    path: ConfigPath | None = None
    """The folder; outbox/ of the state folder otherwise."""
    sender: Email | None = Field(default=None, alias="from")
    """The sender's address; the first of your own otherwise."""


class AccountMail(Shape):
    """What mail through an account has."""

    account: Annotated[str, Field(min_length=1)]
    """The account's name in this file."""
    lookup: bool = False
    """Look up a mail whose fate is unknown in the mailbox; that needs the right to read mail."""
    sender: Email | None = Field(default=None, alias="from")
    """The sender's address, one that the account may send from; the first of your own otherwise."""


class OutlookMail(AccountMail):
    """Mail through an Outlook account."""

    transport: Literal["outlook"]
    """How mail leaves."""


class GmailMail(AccountMail):
    """Mail through a Google account."""

    transport: Literal["gmail"]
    """How mail leaves."""


Mail = Annotated[SmtpMail | FileMail | OutlookMail | GmailMail, Field(discriminator="transport")]
