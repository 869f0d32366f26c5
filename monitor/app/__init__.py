"""The composition root: the only room that builds concrete adapters."""

from monitor.app.application import Application

__all__ = ["Application"]
