"""Scenarios: who does what with which data, which callbacks arrive, how far time moves, and what must hold.

`script.py` reads the YAML files, `play.py` plays one on a `Stage`, `engine_stage.py` is the stage that drives the
real engine inside this process. The same files can be played over HTTP by another stage.
"""
