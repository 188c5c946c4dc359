"""Runs one command with its output thrown away and prints JSON: wall seconds, CPU seconds, peak memory, exit code.

Peak memory is that of the largest single process (getrusage(2), RUSAGE_CHILDREN), in bytes.
"""

import json
import resource
import subprocess
import sys
import time

start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, capture_output=True)
wall = time.perf_counter() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1 if sys.platform == "darwin" else 1024
print(
    json.dumps(
        {
            "wall": wall,
            "cpu": usage.ru_utime + usage.ru_stime,
            "memory": usage.ru_maxrss * unit,
            "status": done.returncode,
            "said": (done.stdout + done.stderr).decode("utf-8", "replace")[-2000:],
        }
    )
)
