"""LoRA on a base in 8 bit (LLM.int8, Dettmers et al., 2208.07339): half the memory of 16 bit, and nearly as exact."""

from studio.methods._plain_lora import plain_lora
from studio.methods.method import Method

ENTRY = Method(
    name="lora_8bit",
    label="LoRA on 8 bit",
    summary="The base in 8 bit: between QLoRA and LoRA in memory and exactness.",
    quantization="int8",
    peft_config=plain_lora,
    order=3,
)
