"""Downloader middlewares: capture, robots.txt, delays, host guard."""
