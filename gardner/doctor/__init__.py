"""The self-check of an installation (`selfcheck`), and where the equations live in the code (`equations`)."""
