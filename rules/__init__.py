"""Judgement: pure functions of (event, history, policy, now). No clock, no network, no database."""
