"""Dataset versions out of the library: the contract and one file per format."""
