"""Fill the archive: fetch or read what was published before yuewatch watched, alerting nobody."""
