"""QLoRA: LoRA on a base that is kept in 4-bit NF4 with double quantisation (Dettmers et al., 2305.14314)."""

from studio.methods._plain_lora import plain_lora
from studio.methods.method import Method

ENTRY = Method(
    name="qlora",
    label="QLoRA",
    summary="The base in 4-bit NF4: fits a consumer card.",
    quantization="nf4",
    peft_config=plain_lora,
    order=1,
)
