"""The columns on their board: headers, menus, and what can be done with each of them."""
