"""The Store port on PostgreSQL, for several workers on several machines. Needs the extra ``newsbell[postgres]``."""
