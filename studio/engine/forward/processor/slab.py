"""Memory for tiles in one piece, in large pages where the system has them.

Reading weights straight through is most of a token's time, and with pages of 4 KB a good part of that goes into finding
them: in pages of 2 MB one core read 27 instead of 20 GB/s. numpy asks Linux for large pages when an array is large
enough, which the tiles of one layer are not, but those of all layers are.
"""

import numpy as np
import torch
from torch import Tensor

from studio.engine.forward.processor.dots import LINE


class Slab:
    """Room for so many bytes of tiles. An address in it holds as long as the slab is kept."""

    def __init__(self, size: int) -> None:
        self._memory = np.empty(size + LINE, np.uint8)
        self._next = -self._memory.ctypes.data % LINE
        self._end = self._next + size

    def put(self, tiles: Tensor) -> int:
        """Copy words there and return their address. A tile is a whole number of lines, so each begins with one.

        Raises ``ValueError`` when they do not fit.
        """
        begin, end = self._next, self._next + tiles.nbytes
        if end > self._end:
            raise ValueError(f"{tiles.nbytes} bytes do not fit into the {self._end - begin} that are left of a slab")
        torch.from_numpy(self._memory[begin:end].view(np.int32)).copy_(tiles.reshape(-1))
        self._next = end
        return int(self._memory.ctypes.data) + begin
