"""Service files for systemd and launchd, kept as package data."""
