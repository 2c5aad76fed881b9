"""The audit trail: hash chains of encrypted facts, signed checkpoints, verification, reading and export."""
