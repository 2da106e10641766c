"""The clock of a case: it stands still for lawful reasons, gets more time by approval, and is counted anew."""
