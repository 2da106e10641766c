"""Pages of what senders ask of the neighbourhoods."""
