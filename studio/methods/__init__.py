"""Ways to train: the contract and one file per method. torch only inside functions."""
