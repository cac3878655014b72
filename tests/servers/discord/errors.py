"""Discord's refusals, with its codes and its JSON."""

from tests.servers.discord.ground import Json


class ApiError(Exception):
    """An answer with this status; `code` and `message` as Discord has them."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message, self.errors = status, code, message, errors

    def json(self) -> Json:
        more = {"errors": self.errors} if self.errors else {}
        return {"message": self.message, "code": self.code} | more


def invalid(path: str, why: str, code: str = "BASE_TYPE_BAD") -> ApiError:
    """400 50035 that names the field by its path, as `embeds.0.title`."""
    errors: Json = {"_errors": [{"code": code, "message": why}]}
    for part in reversed(path.split(".")):
        errors = {part: errors}
    return ApiError(400, 50035, "Invalid Form Body", errors)


def too_long(path: str, most: int) -> ApiError:
    return invalid(path, f"Must be {most} or fewer in length.", "BASE_TYPE_MAX_LENGTH")


def unauthorized() -> ApiError:
    return ApiError(401, 0, "401: Unauthorized")


def not_found() -> ApiError:
    return ApiError(404, 0, "404: Not Found")


def unknown_channel() -> ApiError:
    return ApiError(404, 10003, "Unknown Channel")


def unknown_guild() -> ApiError:
    return ApiError(404, 10004, "Unknown Guild")


def unknown_member() -> ApiError:
    return ApiError(404, 10007, "Unknown Member")


def unknown_message() -> ApiError:
    return ApiError(404, 10008, "Unknown Message")


def unknown_user() -> ApiError:
    return ApiError(404, 10013, "Unknown User")


def unknown_webhook() -> ApiError:
    return ApiError(404, 10015, "Unknown Webhook")


def unknown_interaction() -> ApiError:
    return ApiError(404, 10062, "Unknown interaction")


def unknown_command() -> ApiError:
    return ApiError(404, 10063, "Unknown application command")


def missing_access() -> ApiError:
    return ApiError(403, 50001, "Missing Access")


def not_yours() -> ApiError:
    return ApiError(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> ApiError:
    return ApiError(400, 50006, "Cannot send an empty message")


def cannot_dm() -> ApiError:
    return ApiError(403, 50007, "Cannot send messages to this user")


def missing_permissions() -> ApiError:
    return ApiError(403, 50013, "Missing Permissions")


def dead_token() -> ApiError:
    return ApiError(401, 50027, "Invalid Webhook Token")


def already_acknowledged() -> ApiError:
    return ApiError(400, 40060, "Interaction has already been acknowledged.")


def too_many_followups() -> ApiError:
    why = "Maximum number of follow up messages for this interaction has been reached"
    return ApiError(400, 40094, why)


def too_large() -> ApiError:
    return ApiError(413, 40005, "Request entity too large")


def no_history() -> ApiError:
    why = "Cannot reply without permission to read message history"
    return ApiError(403, 160002, why)
