"""Read-only web pages about an archive, and its health for Prometheus: Starlette, Jinja2, uvicorn, prometheus-client."""
