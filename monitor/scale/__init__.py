"""Beyond one machine: workers that share a PostgreSQL store, driven by Procrastinate. Needs ``newsbell[scale]``."""
