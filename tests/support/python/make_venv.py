"""Makes one virtual environment, once, however many processes ask for it at the same moment.

usage: make_venv.py FOLDER REQUIREMENT...

The lock is the operating system's own, so a killed process never leaves it behind. The stamp is written last, so a
half-made environment is made anew; it names the base interpreter, because an environment does not outlive it.
"""

import os
import shutil
import subprocess
import sys
import venv

if os.name == "nt":
    import msvcrt
    import time

    def lock(handle):
        while True:  # LK_LOCK gives up after ten seconds
            try:
                return msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
            except OSError:
                time.sleep(0.2)
else:
    import fcntl

    def lock(handle):
        fcntl.flock(handle, fcntl.LOCK_EX)


def main(folder, requirements):
    stamp = os.path.join(folder, "complete")
    wanted = "\n".join([sys.base_prefix, sys.version, *requirements])
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(folder + ".lock", "a") as handle:
        lock(handle)
        if os.path.exists(stamp):
            with open(stamp, encoding="utf-8") as existing:
                if existing.read() == wanted:
                    return
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        interpreter = os.path.join(folder, *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]))
        subprocess.run(
            [interpreter, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", *requirements],
            check=True,
        )
        with open(stamp, "w", encoding="utf-8") as new:
            new.write(wanted)


main(sys.argv[1], sys.argv[2:])
