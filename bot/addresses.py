"""Addresses of servers: what is one, and which of them others can reach."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

PUBLIC = "must be a public address such as https://ellie.example.com"
LOCAL = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa")


def split_address(text: str) -> SplitResult | None:
    """The parts of an http(s) address; None: it is none."""
    try:
        found = urlsplit(text)
        _ = found.port  # it is read here, where a wrong one is still an error like any other
    except ValueError:
        return None
    return found if found.scheme in {"http", "https"} and found.hostname else None


def public_address(text: str) -> str:
    """The address without a last slash. Raises ValueError unless Slack could call it by https."""
    found = split_address(text.strip())
    if found is None or found.scheme != "https" or not _is_public(found.hostname or ""):
        raise ValueError(PUBLIC)
    if found.query or found.fragment or found.username or found.password:
        raise ValueError(PUBLIC)
    return f"https://{found.netloc}{found.path.rstrip('/')}"


def _is_public(host: str) -> bool:
    """Whether a host may be known outside of this network, as far as its name tells."""
    try:
        return ip_address(host).is_global
    except ValueError:
        pass
    named = "." in host.strip(".") and all(c.isalnum() or c in "-." for c in host)
    return named and not host.endswith(LOCAL)
