"""Commands: the only room that prints or chooses an exit code."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    from monitor.cli.root import run

    raise SystemExit(run())
