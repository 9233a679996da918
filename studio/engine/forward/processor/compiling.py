"""How the forward's code is compiled: once, and kept on disk by numba.

It looks at the file of a function alone: after a change here or in ``dots.py``, ``brain_floats.py``, ``sums.py`` or
``crew.py``, touch those that use it.
"""

from numba import njit

_HOW = {"nogil": True, "cache": True, "error_model": "numpy", "fastmath": {"contract", "nsz", "arcp"}}
"""What is not a number stays none: no flag lets the compiler think that there is no such thing. Nor may it choose the
order of a sum (``sums.py``)."""

compiled = njit(_nrt=False, **_HOW)
"""What is ``compiled`` makes no arrays, and so does not count who holds one: such counts are atomic, and threads that
change the same ones all the time hold each other up (a tile of a product would change some fifty)."""

allocating, in_parallel = njit(**_HOW), njit(parallel=True, **_HOW)
