"""Where articles may have been missed."""
