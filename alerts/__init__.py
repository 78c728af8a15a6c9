"""Routing, grouping, rendering, the dispatcher and the channels."""
