"""Files into personas and conversations: the contract and one file per format."""
