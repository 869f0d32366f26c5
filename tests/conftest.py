"""What all tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine than of the code: speed is measured by `make bench`.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("usual", _PATIENT)
settings.register_profile("same", _PATIENT, derandomize=True)  # where a run must not depend on luck
settings.register_profile("thorough", _PATIENT, max_examples=2_000)
settings.load_profile("usual")
