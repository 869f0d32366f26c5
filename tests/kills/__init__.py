"""Kills the program at every write of a pass, and at random times: what the receivers got must not show it."""
