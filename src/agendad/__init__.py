"""agendad: a background service that keeps mentorship meetings worth both people's time."""

__version__ = "0.1.0"
