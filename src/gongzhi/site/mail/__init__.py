"""E-mail to reporters: what it says, the link that stops it, when it goes out, the commands about it."""
