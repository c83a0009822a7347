"""Command line: parse and dispatch only."""
