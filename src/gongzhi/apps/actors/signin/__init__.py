"""How an account is opened: passkeys, passwords and code apps, one-time links, sessions, and what stops guessing."""
