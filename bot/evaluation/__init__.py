"""How good recall is: a recorded dialogue is stored, and asked about."""
