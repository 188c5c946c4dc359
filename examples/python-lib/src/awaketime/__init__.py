"""Clocks that know whether the computer slept.

``time.monotonic`` stops during sleep on some systems and runs on in others. Here the two clocks have two names.
"""

from ._clock import Stopwatch, awake_ns, counts_sleep, elapsed_ns

__all__ = ["Stopwatch", "awake_ns", "counts_sleep", "elapsed_ns"]
