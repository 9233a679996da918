"""What would be learned wrongly, and how it is mended: the contract, one file per check, and the amount of data."""
