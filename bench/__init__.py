"""Benchmarks: what the engine costs, as ratios that were measured in one run. ``python -m bench`` prints one table."""
