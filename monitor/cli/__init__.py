"""Commands: the only room that prints or chooses an exit code."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    import gc

    # Starting makes tens of thousands of objects that stay: looking through them every 700 costs 7 % of it.
    gc.set_threshold(20_000, 20, 20)
    from monitor.cli.root import run
    from monitor.environment import without_plugins

    without_plugins()
    code = run()
    gc.freeze()  # the end looks through nothing again: 4 % of a short command
    raise SystemExit(code)
