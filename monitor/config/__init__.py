"""The config room of the monitor."""
