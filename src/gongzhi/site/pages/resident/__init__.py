"""The residents’ pages: say something, my report, near me. All of them work without JavaScript."""
