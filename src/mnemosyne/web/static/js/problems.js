// What went wrong, in three lines: what happened, why, what to do.

import { element, quoting } from "./elements.js";

/** A refusal of the node, as it says it (RFC 9457). */
export class Refusal extends Error {
  constructor(document) {
    super(document.title);
    this.document = document;
    this.code = document.code;
  }
}

const CEREMONIES = {
  NotAllowedError: [
    "No passkey was given.",
    "It was called off, took too long, or this device has none for this node.",
    "Try again. If your passkeys are gone, come back with a recovery code.",
  ],
  InvalidStateError: [
    "This device has a passkey for you already.",
    "One on each device is enough.",
    "Sign in with it, or add a passkey of another device.",
  ],
  SecurityError: [
    "The browser lets no passkey be used at this address.",
    "A passkey belongs to one host name.",
    "Open the node under the address that it prints when it starts.",
  ],
  NotSupportedError: [
    "This device cannot keep such a passkey.",
    "It has to be kept on the device and to ask for your finger, face or code.",
    "Use another device, or a security key with a PIN.",
  ],
  ConstraintError: [
    "This device did not ask who you are.",
    "A passkey here asks for your finger, your face or the code of the device.",
    "Set up a screen lock or a PIN, and try again.",
  ],
};
const UNREACHED = [
  "The node does not answer.",
  "It may have been stopped, or the connection is gone.",
  "See whether it runs, and try again.",
];

function lines(error) {
  if (error instanceof Refusal) {
    const { title, detail, hint } = error.document;
    return [title, detail, hint];
  }
  if (error instanceof DOMException) return CEREMONIES[error.name] ?? CEREMONIES.NotAllowedError;
  if (error instanceof TypeError) return UNREACHED;
  throw error;
}

/** Say what went wrong at the end of `place`, and read it out. */
export function tell(place, error) {
  forget(place);
  const [what, ...more] = lines(error);
  const note = element("div", { class: "note refused", role: "alert", "data-problem": "" });
  place.append(note);
  note.append(element("p", { class: "what" }, ...quoting(what)));
  for (const line of more) if (line) note.append(element("p", {}, ...quoting(line)));
}

/** Take away what was said to have gone wrong. */
export function forget(place) {
  for (const note of place.querySelectorAll("[data-problem]")) note.remove();
}
