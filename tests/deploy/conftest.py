"""The command line on a folder of its own, as in the tests of the commands."""

from tests.cli.conftest import config, host, newsbell  # noqa: F401 - fixtures
