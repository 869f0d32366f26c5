"""The store room of the monitor."""
