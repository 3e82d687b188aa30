"""A shop where people register."""
