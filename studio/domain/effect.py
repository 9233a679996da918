"""What an adapter was measured to change, so that one that changes nothing is never taken for a voice."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AdapterEffect:
    """Measured on fixed sentences at full strength, for one content on one base as it was kept in memory.

    ``change`` is the largest move of a logit, ``kl`` the mean divergence from the base in nats, ``top1_changed`` the
    share of places whose likeliest token became another one. ``nothing``: the base answers as if it were not there.
    """

    content: str
    base_fingerprint: str
    quantization: str
    change: float
    kl: float
    top1_changed: float
    nothing: bool = False
    measured_at: str = ""
