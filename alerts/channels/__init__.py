"""One file per channel, listed in `alerts.channels.table`."""
