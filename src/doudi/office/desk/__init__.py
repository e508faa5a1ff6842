"""Staff screens: a page asks a query, a form calls one flow."""
