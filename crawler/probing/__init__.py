"""Find out what a site offers to watch: from one address to a source entry that works."""
