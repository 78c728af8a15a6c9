"""Find the story an article belongs to, or open a new one."""
