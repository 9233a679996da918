"""How the window looks: tokens, one stylesheet made from them, icons tinted by them, and the switch between themes."""
