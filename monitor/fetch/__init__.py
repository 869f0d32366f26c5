"""The one door to the network: feeds are fetched and webhooks posted here, and nowhere else.

Pure rules: ``guard`` (which addresses), ``headers`` (what an answer asks for), ``body`` (bounded inflating),
``redirects``, ``statuses`` and ``failures`` (what went wrong, in words). Around them: ``door`` (the guarded pool with
its ``resolver``), ``gates`` (how much at a time), ``client`` (the Fetcher), ``post`` (the HttpPoster), ``discover`` and
``fake`` (a Fetcher without a network).
"""

import sys

# httpx loads its command line program, and with it rich and pygments, where they are installed: a third of its import.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # None is how an import is declared to fail
