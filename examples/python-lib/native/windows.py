"""Windows: GetTickCount64 counts sleep, in milliseconds; QueryUnbiasedInterruptTime does not, in units of 100 ns."""

import ctypes

COUNTS_SLEEP = True

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.GetTickCount64.restype = ctypes.c_ulonglong
_kernel32.QueryUnbiasedInterruptTime.argtypes = [ctypes.POINTER(ctypes.c_ulonglong)]


def elapsed_ns() -> int:
    return _kernel32.GetTickCount64() * 1_000_000


def awake_ns() -> int:
    units = ctypes.c_ulonglong()
    if not _kernel32.QueryUnbiasedInterruptTime(ctypes.byref(units)):
        raise ctypes.WinError(ctypes.get_last_error())
    return units.value * 100
