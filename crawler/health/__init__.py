"""Notice when a source no longer behaves as it usually does: signs, contracts over them, findings."""
