"""LoRA on a 16-bit base: faster and a little more exact than QLoRA, where the base fits (Hu et al., 2106.09685)."""

from studio.methods._plain_lora import plain_lora
from studio.methods.method import Method

ENTRY = Method(
    name="lora",
    label="LoRA",
    summary="The base in 16 bit: faster, if it fits.",
    quantization="none",
    peft_config=plain_lora,
    order=2,
)
