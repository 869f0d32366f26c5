"""The one door to the network: feeds are fetched and webhooks posted here, and nowhere else.

Pure rules: ``guard`` (which addresses), ``headers`` (what an answer asks for), ``body`` (bounded inflating),
``redirects``, ``statuses`` and ``failures`` (what went wrong, in words). Around them: ``door`` (the guarded pool with
its ``resolver``), ``gates`` (how much at a time), ``client`` (the Fetcher), ``post`` (the HttpPoster), ``discover`` and
``fake`` (a Fetcher without a network).
"""
