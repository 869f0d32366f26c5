"""The fetch room of the monitor."""
