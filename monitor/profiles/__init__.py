"""The profiles room of the monitor."""
