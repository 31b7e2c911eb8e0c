// A form that a script sends: its buttons wait for the script, and say when they are at work.

import { element } from "./elements.js";
import { forget, tell } from "./problems.js";

/** The base of every form here; a subclass says what `send(fields)` does. */
export class SentForm extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    for (const button of form.querySelectorAll("button")) button.disabled = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.busy) this.work(form);
    });
  }

  async work(form) {
    forget(this);
    this.busy = true;
    const button = form.querySelector("button");
    button.setAttribute("aria-busy", "true");
    try {
      await this.send(new FormData(form));
    } catch (error) {
      if (error.name !== "AbortError") tell(this, error);
    } finally {
      this.busy = false;
      button.removeAttribute("aria-busy");
    }
  }

  /** What is about to be done, as the step-up asks about it. */
  deed(of = this.dataset.of) {
    const named = of ? [" ", element("span", { class: "written" }, of)] : [];
    return [this.dataset.deed ?? "Do this", ...named];
  }

  leave() {
    location.assign(this.dataset.then);
  }
}
