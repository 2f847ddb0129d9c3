"""The sentence banks of the made-up outlet."""
