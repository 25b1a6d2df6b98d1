"""Access: who may come in, who may do what, and the proof that it is them."""
