"""Side-by-side figures of savez and its peers, taken in one run: see README.md beside this."""
