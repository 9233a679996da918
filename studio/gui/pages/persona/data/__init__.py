"""The Data tab: the bench on which conversations are looked through, mended and kept."""
