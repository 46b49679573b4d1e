"""What can go wrong with a calendar. Each error says what happened, what was not done and what to do next."""


class ProviderError(Exception):
    """Something could not be read, written or sent. Where an account fails, it fails for this pass; others go on."""

    def __init__(self, happened: str, *, not_done: str = "", next_step: str = "") -> None:
        self.happened = happened
        self.not_done = not_done
        self.next_step = next_step
        super().__init__(" ".join(part for part in (happened, not_done, next_step) if part))


class AccountUnavailable(ProviderError):
    """The account as a whole cannot be reached: a missing folder, a network that is down."""


class SignInNeeded(AccountUnavailable):
    """The sign-in is missing, ended or refused, and only the user can renew it. Nothing was read or written."""

    ended = False
    """It is over for good: asking again is no use before the user has signed in anew."""


class CursorExpired(ProviderError):
    """The cursor is no longer known; the reader starts again with None, once."""


class EventNotFound(ProviderError):
    """The event that was asked for is not there (any more)."""


class PreconditionFailed(ProviderError):
    """The occurrence is not what it was when it was judged. Nothing was written: read again, and plan again."""


class ReadOnly(ProviderError):
    """The calendar is not ours to write."""


class ChangeRefused(ProviderError):
    """This change cannot be made to this occurrence here, today or ever; others can. Nothing was written."""


class NotWritten(ChangeRefused):
    """The change could be made, and could not be written just now: a full disk, a file that is read-only."""
