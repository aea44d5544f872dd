"""What the widgets of several panels have in common: observed values, words, painted bars."""
