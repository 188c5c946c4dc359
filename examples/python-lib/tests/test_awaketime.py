"""Run against the installed package: ``python -m unittest discover tests``."""

import importlib.util
import time
import unittest

import awaketime


class ClocksTest(unittest.TestCase):
    def test_both_clocks_advance_with_time(self):
        elapsed, awake = awaketime.elapsed_ns(), awaketime.awake_ns()
        time.sleep(0.05)
        # Windows counts elapsed time in ticks of up to 16 ms.
        self.assertGreater(awaketime.elapsed_ns() - elapsed, 30_000_000)
        self.assertGreater(awaketime.awake_ns() - awake, 30_000_000)

    def test_waiting_is_not_sleeping(self):
        watch = awaketime.Stopwatch()
        time.sleep(0.05)
        self.assertLess(watch.slept(), 40_000_000)

    def test_time_asleep_is_what_only_one_clock_saw(self):
        hour = 3_600_000_000_000
        watch = awaketime.Stopwatch(started_elapsed_ns=awaketime.elapsed_ns() - 3 * hour,
                                    started_awake_ns=awaketime.awake_ns() - hour)
        self.assertAlmostEqual(watch.slept(), 2 * hour, delta=hour / 100)

    def test_the_wheel_of_a_system_tells_the_clocks_apart(self):
        has_native = importlib.util.find_spec("awaketime._native") is not None
        self.assertEqual(awaketime.counts_sleep, has_native)


if __name__ == "__main__":
    unittest.main()
