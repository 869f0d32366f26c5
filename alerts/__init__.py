"""Renders a Digest and delivers it: templates, channels, retries. Knows nothing of feeds or profiles."""
