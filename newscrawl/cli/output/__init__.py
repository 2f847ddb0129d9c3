"""What commands share in printing."""
