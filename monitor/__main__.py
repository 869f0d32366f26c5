"""``python -m monitor`` is ``newsbell``."""

from monitor.cli import main

main()
