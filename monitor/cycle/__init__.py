"""One pass: due, fetch, parse, decide, score, store, digest, deliver."""
