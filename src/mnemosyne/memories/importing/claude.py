"""The export of Claude: `conversations.json` with `chat_messages`."""

import re
from collections import Counter
from collections.abc import Iterator

from mnemosyne.memories.importing import dates
from mnemosyne.memories.importing.conversations import (
    Conversation,
    ConversationFiles,
    JsonObject,
    Message,
)
from mnemosyne.memories.importing.entry import ProblemKind, ReadOptions
from mnemosyne.memories.importing.json_fields import list_of, object_of, objects_of, text_of
from mnemosyne.memories.importing.message_tree import Tree
from mnemosyne.memories.model import JsonValue, MemoryType

SIGN = re.compile(rb'(?<!\\)"chat_messages"\s*:\s*\[')
SPEAKERS = {"human": "me", "user": "me", "assistant": "Claude"}
_ROOT = "00000000-0000-4000-8000-000000000000"  # the parent of first messages in newer exports
_INTERNAL = (ProblemKind.SKIPPED, "reasoning and calls of tools were left out")
_NO_MESSAGE = (ProblemKind.UNREADABLE, "messages without a known sender")
_NO_CONTENT = (ProblemKind.ATTACHMENT, "attached files whose text the export does not hold")
_OTHER_BRANCHES = (
    ProblemKind.BRANCH,
    "messages on other branches were not imported; use --all-branches",
)

LeftOut = Counter[tuple[ProblemKind, str]]


def claude_files(options: ReadOptions) -> ConversationFiles:
    """Return the format of Claude's export."""
    return ConversationFiles("claude", interpret, SIGN, options)


def interpret(value: JsonObject, options: ReadOptions) -> Conversation | None:
    """Return the messages in their order; of a tree the current branch, or all of them."""
    if not isinstance(value.get("chat_messages"), list):
        return None
    written = list_of(value.get("chat_messages"))
    messages = objects_of(written)
    left_out: LeftOut = Counter()
    if len(messages) < len(written):
        left_out[_NO_MESSAGE] += len(written) - len(messages)
    found: list[Message] = []
    for message, lane in _in_order(messages, value, options, left_out):
        found.extend(_read(message, lane, options, left_out))
    return Conversation(
        id=text_of(value.get("uuid")),
        title=text_of(value.get("name")),
        started=dates.parse(value.get("created_at"), options.zone),
        messages=tuple(found),
        left_out=left_out,
    )


def _in_order(
    messages: tuple[JsonObject, ...], value: JsonObject, options: ReadOptions, left_out: LeftOut
) -> list[tuple[JsonObject, str]]:
    """Return each message with its branch; exports without parents are in order already."""
    current = text_of(value.get("current_leaf_message_uuid"))
    by_id = {text_of(message.get("uuid")): message for message in messages}
    if current not in by_id or len(by_id) != len(messages):
        return [(message, "") for message in messages]
    parents = {name: text_of(by_id[name].get("parent_message_uuid")) for name in by_id}
    tree = Tree({name: "" if up == _ROOT else up for name, up in parents.items()}, {})
    path = tree.current_path(current)
    lanes = tree.lanes(path)
    if not options.all_branches:
        if lanes:
            left_out[_OTHER_BRANCHES] = len(lanes)
        lanes = {}
    return [*((by_id[name], "") for name in path), *((by_id[name], lanes[name]) for name in lanes)]


def _read(
    message: JsonObject, lane: str, options: ReadOptions, left_out: LeftOut
) -> Iterator[Message]:
    speaker = SPEAKERS.get(text_of(message.get("sender")), "")
    if not speaker:
        left_out[_NO_MESSAGE] += 1
        return
    name = text_of(message.get("uuid"))
    occurred = dates.parse(message.get("created_at"), options.zone)
    documents = [*_attachments(message, left_out), *_artifacts(message, left_out)]
    attached = [*(title for title, _ in documents), *_files(message, left_out)]
    attributes: dict[str, JsonValue] = {"attachments": list(attached)} if attached else {}
    text = _text(message)
    if not text.strip() and attached and not documents:
        text = "\n".join(f"[file: {title}]" for title in attached)
    yield Message(name, text, speaker, occurred, lane=lane, attributes=attributes)
    for number, (title, content) in enumerate(documents, 1):
        yield Message(
            id=f"{name}/{number}",
            text=content,
            speaker=speaker,
            occurred=occurred,
            type=MemoryType.DOCUMENT,
            title=title,
            lane=lane,
        )


def _text(message: JsonObject) -> str:
    """Return the text blocks; `text` alone has placeholders where a block was something else."""
    blocks = objects_of(message.get("content"))
    texts = [text_of(block.get("text")) for block in blocks if block.get("type") == "text"]
    if found := "\n\n".join(text for text in texts if text):
        return found
    return "" if len(blocks) > len(texts) else text_of(message.get("text"))


def _attachments(message: JsonObject, left_out: LeftOut) -> Iterator[tuple[str, str]]:
    for attachment in objects_of(message.get("attachments")):
        title = text_of(attachment.get("file_name")) or "attachment"
        content = text_of(attachment.get("extracted_content"))
        if content.strip():
            yield title, content
        else:
            left_out[_NO_CONTENT] += 1


def _artifacts(message: JsonObject, left_out: LeftOut) -> Iterator[tuple[str, str]]:
    """Yield the documents that were written for the person; other inner blocks are counted."""
    for block in objects_of(message.get("content")):
        if block.get("type") in {"text", None}:
            continue
        written = object_of(block.get("input"))
        content = text_of(written.get("content"))
        if block.get("type") == "tool_use" and block.get("name") == "artifacts" and content.strip():
            yield text_of(written.get("title")) or "artifact", content
        else:
            left_out[_INTERNAL] += 1


def _files(message: JsonObject, left_out: LeftOut) -> list[str]:
    attachments = objects_of(message.get("attachments"))
    named = {text_of(attachment.get("file_name")) for attachment in attachments}
    names = [text_of(file.get("file_name")) for file in objects_of(message.get("files"))]
    without_text = [name for name in names if name and name not in named]
    if without_text:
        left_out[_NO_CONTENT] += len(without_text)
    return without_text
