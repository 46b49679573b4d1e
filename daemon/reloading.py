"""The configuration and templates of a running service: read anew when they change, kept where a change is broken."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agendad.daemon import config as configuration
from agendad.daemon.config import Config, ConfigError, Level, LoadedConfig, Problem
from agendad.daemon.context import Context, UsageProblem, check_clock
from agendad.daemon.template_folder import Texts, faults
from agendad.daemon.watching import Watched, watched_for
from agendad.daemon.yaml_reading import read
from agendad.providers.errors import ProviderError
from agendad.rules.messages import MessageTemplateError

log = logging.getLogger(__name__)

_ACCOUNTS_DEPEND_ON = ("accounts", "me", "secrets", "mail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a look at the settings."""

    context: Context | None = None
    """What holds from now on; None where it is what held before."""
    trouble: str = ""
    """Why the settings as they stand cannot be used; "" if they can."""
    told: tuple[str, ...] = ()
    """Lines for the user."""


class Reloading:
    """Keeps the last settings that were good.

    Args:
        context: what the service was started with; its settings are good.
        given: the state folder of the command line, which no configuration changes.
        environ: the process's environment.
    """

    def __init__(self, context: Context, given: Path | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self.context = context
        self._given, self._environ = given, environ
        self._tried = context.loaded
        """What could be read last, though it may not be usable with its templates."""
        self.trouble = ""
        """Why the settings as they stand cannot be used."""
        self._seen = _fingerprint_of(context)

    def watched(self) -> frozenset[Watched]:
        """Where a change of the settings, or of an account's files, would show."""
        path = self.context.loaded.path
        return frozenset((*watched_for(path, self.context.loaded.config), *watched_for(path, self._tried.config)))

    def changed(self) -> bool:
        """Whether the files are others than at the last look."""
        return self._fingerprint() != self._seen

    def look(self, *, anew: bool = False) -> Outcome:
        """Take over the settings as they stand, if they are good.

        Args:
            anew: open all accounts anew, as sign-ins and passwords may be others.
        """
        self._seen = self._fingerprint()
        try:
            context = self._load(anew=anew)
        except ConfigError as error:
            return self._broken(str(error))
        except (MessageTemplateError, UsageProblem, ProviderError, OSError) as error:
            return self._broken(str(error).replace(" Nothing was done.", ""))
        except Exception as error:
            log.exception("the configuration %s", self.context.loaded.path)
            what = f"{type(error).__name__}: {error}"
            return self._broken(f"agendad met a fault of its own while reading it ({what}). Please report it.")
        again = bool(self.trouble)
        self.trouble = ""
        self.context = context
        self._seen = _fingerprint_of(context)
        how = "is right again" if again else "was read anew"
        warnings = [str(note) for note in context.loaded.notes if note.level is Level.WARNING]
        return Outcome(context=context, told=(f"the configuration {how} and is in force", *warnings))

    def _broken(self, trouble: str) -> Outcome:
        if trouble == self.trouble:  # said already
            return Outcome(trouble=trouble)
        self.trouble = trouble
        told = (
            "the configuration was changed and cannot be used; the one from before stays in force. Mend this and save:",
            *trouble.splitlines(),
        )
        return Outcome(trouble=trouble, told=told)

    def _load(self, *, anew: bool) -> Context:
        """What stands in the files now.

        Raises:
            ConfigError, MessageTemplateError, UsageProblem, ProviderError, OSError: it cannot be used.
        """
        before = self.context
        self._tried = loaded = configuration.load(before.loaded.path)
        self._check_state_dir(loaded)
        check_clock(before.clock, loaded)
        if broken := list(faults(loaded.config.templates)):
            raise ConfigError(Problem(file=one.where, line=one.line or None, message=one.what) for one in broken)
        context = Context(loaded=loaded, clock=before.clock, state_dir=before.state_dir)
        if not anew and _same(before.loaded.config, loaded.config):
            # An account that stays open keeps its connections, and knows how busy its server is.
            context.__dict__["accounts"] = before.accounts
            context.__dict__["account_mail"] = before.account_mail
        # Opened and read now: what goes wrong with it is wrong with this change.
        _ = context.accounts, context.account_mail, context.templates
        return context

    def _check_state_dir(self, loaded: LoadedConfig) -> None:
        """Another state folder is another memory: the lock, the journal and what is in hand belong to this one."""
        asked = configuration.state_dir(loaded.config, self._given, self._environ)
        if asked == self.context.state_dir:
            return
        path = loaded.path
        problem = read(path.read_bytes(), str(path)).problem(
            ("state_dir",),
            f"the state folder would change from {self.context.state_dir} to {asked}, and it cannot while this runs",
            "start agendad again to use it, or put the old one back",
        )
        raise ConfigError([problem])

    def _fingerprint(self) -> str:
        """Tells the files as they stand from how they stood before."""
        try:
            content = self.context.loaded.path.read_bytes()
        except OSError as error:
            return f"cannot be read: {error.errno}"
        return _fingerprint(configuration.digest_of(content), Texts(self._tried.config.templates))


def _fingerprint_of(context: Context) -> str:
    return _fingerprint(context.loaded.digest, context.templates)


def _fingerprint(digest: str, templates: Texts | None) -> str:
    return f"{digest} {(templates or Texts(None)).fingerprint}"


def _same(one: Config, other: Config) -> bool:
    """Whether accounts and mail that were opened for one configuration serve another."""
    return all(getattr(one, name) == getattr(other, name) for name in _ACCOUNTS_DEPEND_ON)
