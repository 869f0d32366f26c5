"""The parse room of the monitor."""
