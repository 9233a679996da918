"""The parts of the main window around its pages: rail, status bar, toasts, banner, palette, dialogs."""
