"""macOS: CLOCK_MONOTONIC counts sleep, CLOCK_UPTIME_RAW does not (clock_gettime(3) of macOS)."""

import time

COUNTS_SLEEP = True


def elapsed_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def awake_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_UPTIME_RAW)
