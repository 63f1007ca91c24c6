"""Who someone is: User, sign-in, second factor, profile."""
