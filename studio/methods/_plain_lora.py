"""The PEFT configuration that the LoRA family shares: the same factors on differently stored bases."""

from typing import TYPE_CHECKING, Any

from studio.methods.method import TrainingOptions, targeted

if TYPE_CHECKING:
    from peft import LoraConfig


def plain_lora(options: TrainingOptions, linear_names: list[str], **more: Any) -> "LoraConfig":
    """Return plain LoRA on the chosen linear layers: ``h = W0 x + (alpha / rank) B A x`` (Hu et al., 2106.09685)."""
    from peft import LoraConfig

    return LoraConfig(
        r=options.rank,
        lora_alpha=options.alpha,  # type: ignore[arg-type]
        lora_dropout=options.dropout,
        target_modules=targeted(options.target_modules, linear_names),
        task_type="CAUSAL_LM",
        bias="none",
        **more,
    )
