// What cannot be undone is confirmed with a passkey: for that one act, and for nothing else.

import { element } from "./elements.js";
import * as passkeys from "./passkeys.js";
import { forget, tell } from "./problems.js";

/** Ask for a passkey for `action`, and return the secret to send it again with.

Rejects with an AbortError if the person thinks better of it. */
export function confirm(action, deed, send) {
  return new Promise((resolve, reject) => {
    const dialog = dialogFor(deed);
    const calledOff = new AbortController();
    const button = dialog.querySelector("button.first");
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      calledOff.abort(); // the browser asks for the passkey no longer
      reject(new DOMException("It was called off.", "AbortError"));
    });
    dialog.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      if (button.ariaBusy === "true") return;
      button.ariaBusy = "true";
      forget(dialog);
      try {
        resolve(await confirmed(action, send, calledOff.signal));
        dialog.close();
      } catch (error) {
        if (!calledOff.signal.aborted) tell(dialog, error);
      } finally {
        button.ariaBusy = null;
      }
    });
    dialog.showModal();
  });
}

async function confirmed(action, send, signal) {
  const options = await send("POST", "/v1/step-up/options", { action });
  const answer = await passkeys.use(options, { signal });
  return (await send("POST", "/v1/step-up", { action, answer })).secret;
}

function dialogFor(deed) {
  const cancel = element("button", { type: "button" }, "Leave it");
  const dialog = element(
    "dialog",
    { "aria-labelledby": "step-up-title" },
    element("h2", { id: "step-up-title" }, "Confirm with your passkey"),
    element("div", { class: "deed" }, ...deed),
    element("p", { class: "small" }, "Your passkey confirms this one act and no other."),
    element(
      "form",
      {},
      element(
        "div",
        { class: "actions" },
        element("button", { class: "first", autofocus: "" }, "Use the passkey"),
        cancel,
      ),
    ),
  );
  cancel.addEventListener("click", () => dialog.close());
  return dialog;
}
