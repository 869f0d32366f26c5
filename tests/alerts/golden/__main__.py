"""Writes the expected renderings anew."""

from tests.alerts.golden import CASES, FOLDER, renderings

for name, case in CASES.items():
    for suffix, text in renderings(case).items():
        (FOLDER / f"{name}.{suffix}").write_text(text, encoding="utf-8")
