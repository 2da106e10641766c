"""What senders ask of those who work in neighbourhoods: forms, fields, minutes, what was asked before. Never who."""
