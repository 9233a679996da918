"""Which step was best so far, by held-out loss and copied words, and when it is no use going on."""

from studio.domain.run_findings import Measurement, best_of
from studio.engine.training.checkpoints import Standing


def take_in(standing: Standing, loss: float, copied: float) -> bool:
    """Count the measurement of this step in; True when it is the best so far."""
    now = Measurement(step=standing.step, loss=loss, copied=copied)
    before = best_so_far(standing)
    better = best_of([one for one in (before, now) if one]) == now
    if better:
        standing.best_at, standing.best_loss, standing.best_copied, standing.unimproved = now.step, loss, copied, 0
        standing.best_heldout = standing.heldout_adapter
    else:
        standing.unimproved += 1
    return better


def best_so_far(standing: Standing) -> Measurement | None:
    """The best measurement yet; None before the first."""
    if standing.best_loss is None or not standing.best_at:
        return None
    return Measurement(step=standing.best_at, loss=standing.best_loss, copied=standing.best_copied)


def is_hopeless(standing: Standing, patience: int) -> bool:
    """True when so many measurements brought nothing better; patience 0 never gives up."""
    return bool(patience) and standing.unimproved >= patience
