"""What the program can do; the only room that the window and the command line call."""
