"""Floor 7: doors to other worlds. Each file knows one of them and holds a mailer; none knows another."""
