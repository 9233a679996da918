"""The figures of a run under the names that stay: for the command line, the demo and reports."""

from typing import Any

from studio.domain.run import Run


def run_figures(run: Run, persona: str) -> dict[str, Any]:
    """What a run cost and gained. ``tokens_per_second`` counts the non-padding tokens that training read."""
    return {
        "persona": persona,
        "method": run.method,
        "quantization": run.quantization,
        "trained_tokens": run.trained_tokens,
        "steps": run.step,
        "tokens_per_second": run.tokens_per_second,
        "seconds": run.seconds,
        "peak_memory_bytes": run.peak_memory_bytes,
        "heldout_nll_base": run.heldout_nll_base,
        "heldout_nll_adapter": run.heldout_nll_adapter,
    }
