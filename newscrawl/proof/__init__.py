"""The log of everything recorded: one append-only Merkle tree, signed checkpoints, and evidence that strangers can check."""
