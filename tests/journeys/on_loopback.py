"""`python -m tests.journeys.on_loopback run`: ellie, with Discord at the address of LOOPBACK_*."""

import os

import discord.gateway
import discord.http
from yarl import URL

from bot.__main__ import main

if __name__ == "__main__":
    discord.http.Route.BASE = os.environ["LOOPBACK_REST"]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["LOOPBACK_GATEWAY"])
    main()
