"""Keras Workbench: train Keras image models by point and click.

The parts, from the bottom up; imports point down only:

    errors, paths   what can go wrong and where things lie
    plain           text of strangers, made fit to be shown
    interpreter     how a process of ours is begun, by the name of its module
    spec            WHAT: every setting of a run, and of the descent lab, declared once
    rates           PLANS the learning rate of every step (NumPy only)
    stopping        DECIDES which epoch is the best and when to stop (plain Python)
    probing         JUDGES what a probe measured: numbers into a verdict and a sentence (plain Python)
    descent         RECKONS the descent lab's landscapes and what theory says of them (NumPy, or keras.ops in the engine)
    events          SAYS: what a run tells while it trains
    journal         REMEMBERS: one SQLite file a workspace
    data            READS pictures (NumPy and Pillow; no Keras, no Qt)
    network         PLANS: a recipe's network as a plain list of layers
    strangers       LOOKS at files that may come from anywhere, in a process of its own
    engine          DOES: Keras; always a process of its own
    launch          the keeper: starts, watches and stops engines from outside
    curves          SHAPES what a run said into lines to draw
    results         COUNTS a run's answers: confusion, calibration, overlap (NumPy only)
    export          GIVES pictures, tables, scripts, reports and logs of a run, and recipes as jobs for other machines
    cli, gui        what people touch

This module imports nothing, so that no part can drag another in.
"""

__version__ = "0.1.0"
