"""What a pass costs, measured: ``make bench`` (see docs/performance.md). The tests here keep the start-up light."""
