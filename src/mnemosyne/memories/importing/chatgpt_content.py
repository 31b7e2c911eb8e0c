"""What a message of ChatGPT's export says, by its kind of content."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mnemosyne.memories.importing.conversations import JsonObject
from mnemosyne.memories.importing.json_fields import list_of, object_of, objects_of, text_of
from mnemosyne.memories.model import JsonValue

# Never shown as part of the conversation: settings, reasoning, and what a search returned.
_INTERNAL = frozenset(
    [
        "user_editable_context",
        "model_editable_context",
        "thoughts",
        "reasoning_recap",
        "system_error",
        "tether_browsing_display",
        "super_widget",
        "app_pairing_content",
    ]
)


@dataclass(frozen=True, slots=True)
class Content:
    """The text of a message, and what stood beside it."""

    text: str
    internal: bool = False
    url: str = ""
    attributes: Mapping[str, JsonValue] = field(default_factory=dict)


def content_of(message: JsonObject) -> Content | None:
    """Return what ``message`` says; None for a kind of content in which no text is found."""
    content = object_of(message.get("content"))
    kind = text_of(content.get("content_type")) or "text"
    if kind in _INTERNAL:
        return Content("internal", internal=True)
    attributes: dict[str, JsonValue] = (
        {} if kind in {"text", "multimodal_text"} else {"content_type": kind}
    )
    if language := text_of(content.get("language")):
        attributes["language"] = language
    text, pictures = _text_and_pictures(content)
    attached = [*pictures, *_attachments(message)]
    if attached:
        attributes["attachments"] = attached
    if not text.strip() and attached:
        text = "\n".join(f"[{_shown(attachment)}]" for attachment in attached)
    if not text and not _is_empty(content):
        return None
    return Content(text, url=_web(text_of(content.get("url"))), attributes=attributes)


def _text_and_pictures(content: JsonObject) -> tuple[str, list[JsonValue]]:
    texts = []
    pictures: list[JsonValue] = []
    for part in list_of(content.get("parts")):
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            texts.append(text_of(part["text"]))  # the transcript of something said
        elif isinstance(part, dict):
            pictures.append(_picture(part))
    if not texts and not pictures:
        texts = [text_of(content.get(key)) for key in ("text", "result")]
    return "\n\n".join(text for text in texts if text), pictures


def _picture(part: JsonObject) -> JsonValue:
    kind = text_of(part.get("content_type")).removesuffix("_asset_pointer") or "attachment"
    return {"kind": kind, "name": text_of(part.get("asset_pointer"))}


def _attachments(message: JsonObject) -> list[JsonValue]:
    listed = objects_of(object_of(message.get("metadata")).get("attachments"))
    return [{"kind": "file", "name": text_of(file.get("name"))} for file in listed]


def _shown(attachment: JsonValue) -> str:
    fields = object_of(attachment)
    kind, name = text_of(fields.get("kind")), text_of(fields.get("name"))
    return f"{kind}: {name}" if kind == "file" and name else kind


def _is_empty(content: JsonObject) -> bool:
    """Tell a message that says nothing from one whose words are somewhere we do not look."""
    known = {"content_type", "language", "parts", "text", "result", "response_format_name"}
    return not any(value for key, value in content.items() if key not in known)


def _web(url: str) -> str:
    return url if url.startswith(("https://", "http://")) else ""
