"""A lock on an open file that the operating system lets go of when its process dies.

Not by filelock, which the worker has: the plugin, with nothing but the standard library, locks alike.
"""

from __future__ import annotations

import errno
import os
import sys

if sys.platform == "win32":
    import msvcrt

    def lock(descriptor: int) -> None:
        """Take the lock of a file, without waiting; OSError (`HELD` tells why) where that cannot be."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)  # behind the content, which others may read
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def lock(descriptor: int) -> None:
        """Take the lock of a file, without waiting; OSError (`HELD` tells why) where that cannot be."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)  # another process has it, as flock and msvcrt say it
_LOCKED_BYTE = 1024
