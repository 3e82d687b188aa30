"""Programs that run in environments of their own: JSON in, JSON out, and nothing of sesmail imported."""
