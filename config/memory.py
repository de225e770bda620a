"""What a process that stays does once it is loaded."""

import gc


def settle() -> None:
    """Take what was loaded for good out of the garbage collector's rounds, which cost a sixth of a quote."""
    gc.collect()
    gc.freeze()
