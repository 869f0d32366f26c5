"""The text room of the monitor."""
