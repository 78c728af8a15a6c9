"""Fetch with manners: address guard, robots.txt, pace, limits, and the complete Scrapy settings."""
