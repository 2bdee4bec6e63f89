"""What the referral service does. Every operation works inside the caller's transaction."""
