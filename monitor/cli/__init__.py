"""The cli room of the monitor."""
