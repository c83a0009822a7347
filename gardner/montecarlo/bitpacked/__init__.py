"""Binary nets in bits: 64 patterns in a word, eight chains side by side."""
