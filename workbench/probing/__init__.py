"""JUDGES what a probe measured: numbers into a verdict, a sentence and what to do.

One file a probe, each with the shape of its answer as frozen dataclasses, to and from the JSON tree that comes out of the
probe's process. Plain Python, so that engine, command line and window say the same; measuring is the engine's
(engine/probes), starting a process is the launcher's (launch/probe.py).
"""
