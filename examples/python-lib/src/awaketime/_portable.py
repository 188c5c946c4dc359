"""One clock for both names: Python has no portable clock that says whether it counts sleep."""

from time import monotonic_ns as awake_ns
from time import monotonic_ns as elapsed_ns

COUNTS_SLEEP = False

__all__ = ["COUNTS_SLEEP", "awake_ns", "elapsed_ns"]
