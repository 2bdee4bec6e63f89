"""What the referral service keeps. Functions take the connection of the caller's transaction first."""
