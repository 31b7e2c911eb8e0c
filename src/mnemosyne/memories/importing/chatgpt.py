"""The export of ChatGPT: `conversations.json`, in newer exports in numbered pieces.

The format is not documented by its maker; what is read here was seen in exports of 2023 to 2026.
"""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC

from mnemosyne.memories.importing import dates
from mnemosyne.memories.importing.chatgpt_content import Content, content_of
from mnemosyne.memories.importing.conversations import (
    Conversation,
    ConversationFiles,
    JsonObject,
    Message,
)
from mnemosyne.memories.importing.entry import ProblemKind, ReadOptions
from mnemosyne.memories.importing.json_fields import object_of, text_of
from mnemosyne.memories.importing.message_tree import Tree
from mnemosyne.memories.model import JsonValue, Moment

SIGN = re.compile(rb'(?<!\\)"mapping"\s*:\s*\{')
SPEAKERS = {"user": "me", "assistant": "ChatGPT", "tool": "ChatGPT"}
_HIDDEN = (ProblemKind.SKIPPED, "messages that ChatGPT does not show (instructions, reasoning)")
_OTHER_BRANCHES = (
    ProblemKind.BRANCH,
    "messages on other branches were not imported; use --all-branches",
)
_NO_TEXT = (ProblemKind.UNREADABLE, "messages of a kind that holds no text")
_CUT_OFF = (ProblemKind.UNREADABLE, "a message in the middle is missing; what follows it was read")


def chatgpt_files(options: ReadOptions) -> ConversationFiles:
    """Return the format of ChatGPT's export."""
    return ConversationFiles("chatgpt", interpret, SIGN, options)


def interpret(value: JsonObject, options: ReadOptions) -> Conversation | None:
    """Return the branch a person saw last, or with ``all_branches`` every branch on its own."""
    nodes = object_of(value.get("mapping"))
    if not isinstance(value.get("mapping"), dict):
        return None
    tree = _tree(nodes)
    path = tree.current_path(text_of(value.get("current_node")))
    lanes = tree.lanes(path)
    left_out: Counter[tuple[ProblemKind, str]] = Counter()
    found = _messages(nodes, path, {}, options, left_out)
    other_reasons: Counter[tuple[ProblemKind, str]] = Counter()
    others = _messages(nodes, tree.by_time(lanes), lanes, options, other_reasons)
    if options.all_branches:
        found += others
        left_out += other_reasons
    elif others:
        left_out[_OTHER_BRANCHES] = len(others)
    if path and tree.parents[path[0]]:
        left_out[_CUT_OFF] += 1
    return Conversation(
        id=text_of(value.get("conversation_id")) or text_of(value.get("id")),
        title=text_of(value.get("title")),
        started=dates.parse(value.get("create_time"), options.zone),
        messages=tuple(found),
        left_out=left_out,
    )


def _tree(nodes: Mapping[str, JsonValue]) -> Tree:
    parents = {}
    times = {}
    for name, node in nodes.items():
        fields = object_of(node)
        parents[name] = text_of(fields.get("parent"))
        at = dates.parse(object_of(fields.get("message")).get("create_time"), UTC)
        if at is not None:
            times[name] = at.at.timestamp()
    return Tree(parents, times)


def _messages(
    nodes: Mapping[str, JsonValue],
    names: list[str] | tuple[str, ...],
    lanes: Mapping[str, str],
    options: ReadOptions,
    left_out: Counter[tuple[ProblemKind, str]],
) -> list[Message]:
    found = []
    for name in names:
        message = object_of(object_of(nodes[name]).get("message"))
        if not message:
            continue
        role = text_of(object_of(message.get("author")).get("role"))
        content = content_of(message)
        if content is None:
            left_out[_HIDDEN if _is_hidden(message, role) else _NO_TEXT] += 1
        elif not content.text.strip():
            continue
        elif content.internal or _is_hidden(message, role):
            left_out[_HIDDEN] += 1
        else:
            found.append(_message(name, message, role, content, lanes.get(name, ""), options))
    return found


def _is_hidden(message: JsonObject, role: str) -> bool:
    metadata = object_of(message.get("metadata"))
    hidden = metadata.get("is_visually_hidden_from_conversation") is True
    return hidden or role not in SPEAKERS


def _message(
    name: str,
    message: JsonObject,
    role: str,
    content: Content,
    lane: str,
    options: ReadOptions,
) -> Message:
    attributes: dict[str, JsonValue] = dict(content.attributes)
    if model := text_of(object_of(message.get("metadata")).get("model_slug")):
        attributes["model"] = model
    if role == "tool":
        attributes["tool"] = text_of(object_of(message.get("author")).get("name")) or "tool"
    if lane:
        attributes["branch"] = lane
    return Message(
        id=name,
        text=content.text,
        speaker=SPEAKERS[role],
        occurred=_moment(message, options),
        url=content.url,
        lane=lane,
        attributes=attributes,
    )


def _moment(message: JsonObject, options: ReadOptions) -> Moment | None:
    return dates.parse(message.get("create_time"), options.zone)
