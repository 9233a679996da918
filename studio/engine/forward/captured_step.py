"""On a card a step is recorded once as a CUDA graph and played back: hundreds of small kernels, one launch.

A recording holds for the same rows, the same gates and the same room to look back; ``Stepping.version`` and the factors
tell when it does not any more. Where recording fails, steps go on one kernel after another. Not tried on a card yet.
"""

import logging

import torch
from torch import Tensor

from studio.engine.forward.attention_lanes import Stepping
from studio.engine.forward.plain_decoder import PlainDecoder
from studio.engine.rack.row_difference import RowDifference

WARM = 3
"""Steps before a recording: libraries set themselves up in the first ones. What they write is written again."""

_log = logging.getLogger(__name__)


class CapturedStep:
    """Steps of one batch; the same numbers as ``PlainDecoder.step``."""

    def __init__(self, decoder: PlainDecoder) -> None:
        self._decoder = decoder
        self._graph: torch.cuda.CUDAGraph | None = None
        self._recorded: tuple[Stepping, int, RowDifference | None] | None = None
        self._ids = self._logits = torch.zeros(0)
        self._fails = False

    @torch.inference_mode()
    def step(self, ids: Tensor, stepping: Stepping, factors: RowDifference | None) -> Tensor:
        """One token of every row; returns the logits after it."""
        wanted = (stepping, stepping.version, factors)
        if not self._fails and wanted != self._recorded:
            self._record(ids, *wanted)
        if self._graph is None:
            return self._decoder.step(ids, stepping, factors)
        self._ids.copy_(ids)
        self._graph.replay()
        stepping.next()
        return self._logits.clone()

    def _record(self, ids: Tensor, stepping: Stepping, version: int, factors: RowDifference | None) -> None:
        self._graph = None
        try:
            self._ids, graph = ids.clone(), torch.cuda.CUDAGraph()
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(WARM):
                    self._decoder.next_logits(self._ids, stepping, factors)
            torch.cuda.current_stream().wait_stream(side)
            with torch.cuda.graph(graph):
                self._logits = self._decoder.next_logits(self._ids, stepping, factors)
        except RuntimeError as error:
            self._fails = True
            _log.warning("steps cannot be recorded on this card", exc_info=error)
            return
        self._graph, self._recorded = graph, (stepping, version, factors)
