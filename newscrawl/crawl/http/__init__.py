"""Downloader middlewares (capture, robots.txt, delays, host guard), and how requests and their outcomes are described."""
