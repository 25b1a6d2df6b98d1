"""Evidence: the ledger, signatures, checkpoints, and the proof that nothing was changed behind them."""
