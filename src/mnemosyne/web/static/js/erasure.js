// Erasing oneself: the name written out, the passkey, and a receipt that is kept nowhere else.

import { call } from "./api.js";
import { letSave, turnTo } from "./elements.js";
import { Refusal } from "./problems.js";
import { SentForm } from "./sent-form.js";

const OTHERWISE = new Refusal({
  code: "not-confirmed",
  title: "Nothing was erased.",
  detail: "What you wrote is not your name.",
  hint: "Write it as it stands above the field.",
});

function stay(event) {
  event.preventDefault();
}

class ErasureForm extends SentForm {
  async send(fields) {
    if (fields.get("confirmation").trim() !== this.dataset.of) throw OTHERWISE;
    const erased = await call("POST", "/v1/account/erasure", undefined, this.deed());
    document.querySelector("header nav")?.remove(); // nobody is signed in any more
    const place = turnTo(document.querySelector("main"), "erased");
    place.querySelector("[data-incomplete]").hidden = erased.complete;
    const written = `${JSON.stringify(erased.receipt, null, 2)}\n`;
    const link = place.querySelector("[data-receipt]");
    letSave(link, new Blob([written], { type: "application/json" }));
    window.addEventListener("beforeunload", stay);
    link.addEventListener("click", () => window.removeEventListener("beforeunload", stay));
  }
}

customElements.define("erasure-form", ErasureForm);
