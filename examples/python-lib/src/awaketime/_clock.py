from __future__ import annotations

from dataclasses import dataclass, field

try:
    from . import _native as _system
except ImportError:
    # The pure wheel, for systems that no platform wheel fits.
    from . import _portable as _system

#: Whether ``elapsed_ns`` and ``awake_ns`` are different clocks on this system.
counts_sleep: bool = _system.COUNTS_SLEEP


def elapsed_ns() -> int:
    """Nanoseconds since some fixed moment, sleep included."""
    return _system.elapsed_ns()


def awake_ns() -> int:
    """Nanoseconds since some fixed moment, sleep left out."""
    return _system.awake_ns()


@dataclass
class Stopwatch:
    """Measures from its creation: how long, how long awake, and how long asleep."""

    started_elapsed_ns: int = field(default_factory=elapsed_ns)
    started_awake_ns: int = field(default_factory=awake_ns)

    def elapsed(self) -> int:
        return elapsed_ns() - self.started_elapsed_ns

    def awake(self) -> int:
        return awake_ns() - self.started_awake_ns

    def slept(self) -> int:
        """Nanoseconds asleep. The two clocks are read one after the other, hence never less than zero."""
        return max(0, self.elapsed() - self.awake())
