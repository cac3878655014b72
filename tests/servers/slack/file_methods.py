"""files.*: uploads in three steps, and what a file's URL answers."""

import mimetypes
from dataclasses import dataclass

from aiohttp import web

from tests.servers.slack.chat_methods import ChatMethods
from tests.servers.slack.errors import SlackError, invalid
from tests.servers.slack.ground import Json
from tests.servers.slack.installs import Installation
from tests.servers.slack.messages import File
from tests.servers.slack.sessions import Sessions
from tests.servers.slack.webapi import Asking, Method

LOGIN = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in</body></html>"


@dataclass(slots=True, eq=False)
class Upload:
    """A ticket of files.getUploadURLExternal. `content` None: nothing was uploaded yet."""

    file_id: str
    name: str
    length: int
    installation: Installation
    alt_text: str | None
    content: bytes | None = None


class FileMethods:
    """What `files_upload_v2` of the SDK does, and downloads."""

    def __init__(self, world: Sessions, chat: ChatMethods) -> None:
        self._world = world
        self._chat = chat
        self._uploads: dict[str, Upload] = {}

    def table(self) -> dict[str, Method]:
        return {
            "files.getUploadURLExternal": self.ticket, "files.info": self.info,
            "files.completeUploadExternal": self.complete,
        }  # fmt: skip

    def ticket(self, asking: Asking) -> Json:
        if asking.args["length"] <= 0:
            raise SlackError("missing_argument", arg="length")
        if len(asking.text("alt_txt")) > 1000:
            raise SlackError("alt_txt_too_large")
        file_id = self._world.ids.fresh("F")
        self._uploads[file_id] = Upload(
            file_id, asking.text("filename"), asking.args["length"], asking.installation,
            asking.args.get("alt_txt"),
        )  # fmt: skip
        url = f"{self._world.base}/upload/v1/{file_id}"
        return {"upload_url": url, "file_id": file_id}

    async def serve_upload(self, request: web.Request) -> web.StreamResponse:
        """POST with the bytes as the body, or as a form's file."""
        upload = self._uploads.get(request.match_info["id"])
        if upload is None:
            return web.Response(status=404, text="not found")
        content = await _content(request)
        if len(content) != upload.length:
            return web.Response(status=400, text="length mismatch")
        upload.content = content
        return web.Response(text=f"OK - {len(content)}", content_type="text/plain")

    def complete(self, asking: Asking) -> Json:
        """Shared in the channels with a message, or private where none is named."""
        world, by, given = self._world, asking.installation, asking.args["files"]
        if not isinstance(given, list) or not given:
            raise invalid("files must be a list")
        if any(one.keys() - {"id", "title", "highlight_type"} for one in given):
            raise invalid("files: unknown field")
        names = [asking.text("channel_id"), *asking.text("channels").split(",")]
        asked = [name for name in names if name]
        channels = []
        for name in asked:
            single = Asking(asking.method, {"channel": name}, by, {}, [])
            channels.append(self._chat.place(single))
        uploads = [self._uploads.get(one.get("id", "")) for one in given]
        files = []
        for upload, one in zip(uploads, given, strict=True):
            if upload is None or upload.installation is not by or upload.content is None:
                raise SlackError("file_not_found")
            files.append(self._file(upload, one.get("title") or upload.name))
        for file in files:
            del self._uploads[file.id]
            world.kept[file.id] = file
        for channel in channels:
            message = world.by_bot(by, channel, asking.text("initial_comment"), [])
            message.files = [*files]
            for file in files:
                file.shared_in.append(channel.id)
            if thread := asking.text("thread_ts"):
                self._chat.reply(channel, message, thread, broadcast=False)
            message.subtype = "file_share"
            world.place(message)
        return {"files": [file.json() for file in files]}

    def _file(self, upload: Upload, title: str) -> File:
        by, world = upload.installation, self._world
        kind = mimetypes.guess_type(upload.name)[0] or "application/octet-stream"
        url = f"{world.base}/files-pri/{by.teams[0]}-{upload.file_id}/{upload.name}"
        now = int(world.clock.time())
        return File(
            upload.file_id, upload.name, title, kind, upload.content or b"", by.bot_user,
            by.teams[0], url, now, alt_text=upload.alt_text,
        )  # fmt: skip

    def info(self, asking: Asking) -> Json:
        file = self._world.kept.get(asking.text("file"))
        if file is None or not self._sees(asking.installation, file):
            raise SlackError("file_not_found")
        if file.deleted:
            raise SlackError("file_deleted")
        return {"file": file.json(), "comments": [], "response_metadata": {"next_cursor": ""}}

    def _sees(self, by: Installation, file: File) -> bool:
        inside = [c for c in file.shared_in if by.bot_user in self._world.channels[c].members]
        return bool(inside) or file.user == by.bot_user

    async def serve_file(self, request: web.Request) -> web.StreamResponse:
        """The bytes for a good bot token with files:read; else a login page, with status 200."""
        world, path = self._world, request.path
        world.downloads.append(path)
        world.changed()
        method = "files.download"
        await world.faults.pause(method)
        if (fault := world.faults.take(method)) is not None:
            if fault.status == 0 and request.transport is not None:
                request.transport.abort()
            return web.Response(status=fault.status or 500, headers=fault.headers())
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        by = next((i for i in world.installations if i.token == token), None)
        good = scheme == "Bearer" and by is not None and by.revoked is None
        if by is None or not good or "files:read" not in by.scopes:
            return web.Response(text=LOGIN, content_type="text/html")
        file = world.kept.get(request.match_info["id"].partition("-")[2])
        if file is None or file.deleted or not self._sees(by, file):
            return web.Response(status=404, text=LOGIN, content_type="text/html")
        return web.Response(body=file.content, headers={"Content-Type": file.kind})


async def _content(request: web.Request) -> bytes:
    if request.content_type == "multipart/form-data":
        form = await request.post()
        for value in form.values():
            if isinstance(value, web.FileField):
                return value.file.read()
    return await request.read()
