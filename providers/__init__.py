"""Calendars: what they hold and how they are read. Nothing here knows a rule."""
