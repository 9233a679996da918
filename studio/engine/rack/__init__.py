"""Many adapters on one frozen base, each row of a batch with its own: LoRA, DoRA, IA³, learned tokens."""
