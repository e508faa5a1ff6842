"""Paper: what a citizen or a village board holds in the hand, set by Typst from data, never from markup."""
