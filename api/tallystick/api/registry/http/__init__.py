"""The HTTP door of the registry: bodies in, transactions, answers out."""
