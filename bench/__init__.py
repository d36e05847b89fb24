"""Side-by-side figures of savez and its peers, in one run. See README.md."""
