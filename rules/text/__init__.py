"""Reading event bodies: HTML to text, what a person wrote, and what the words mean."""

from agendad.rules.text.blocks import Line, ReadableBody, body_text, readable
from agendad.rules.text.products import MARKER
from agendad.rules.text.skeleton import SKELETON

__all__ = ["MARKER", "SKELETON", "Line", "ReadableBody", "body_text", "readable"]
