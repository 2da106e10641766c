"""Can it be proven that nothing was changed: Merkle logs after RFC 9162."""
