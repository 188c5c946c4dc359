"""Linux: CLOCK_BOOTTIME counts suspend, CLOCK_MONOTONIC does not (clock_gettime(2))."""

import time

COUNTS_SLEEP = True


def elapsed_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def awake_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)
