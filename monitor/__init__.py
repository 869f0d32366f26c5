"""Newsbell's program: polling, matching, scoring, digesting, and the commands around it."""

__version__ = "0.1.0"
