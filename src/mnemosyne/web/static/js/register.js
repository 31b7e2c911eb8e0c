// A one-time link: a first passkey, and the recovery codes that come with it.

import { call } from "./api.js";
import { element } from "./elements.js";
import * as passkeys from "./passkeys.js";
import { Refusal, tell } from "./problems.js";
import { keepCodes } from "./recovery-codes.js";
import { SentForm } from "./sent-form.js";

const NOT_WHOLE = new Refusal({
  code: "enrolment-invalid",
  title: "This page needs the whole link.",
  detail: "What follows the # in it is the secret that lets you in. It is taken out of the address at once, so that nobody reads it there.",
  hint: "Open the link again as you were given it.",
});

class RegisterForm extends SentForm {
  connectedCallback() {
    this.secret = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
    if (!this.secret) {
      tell(this, NOT_WHOLE);
      return;
    }
    super.connectedCallback();
    this.look();
  }

  /** Say early whether the link is good, and what an empty field will have them called. */
  async look() {
    try {
      const { user } = await call("POST", "/v1/enrolment/options", this.asked(""));
      const called = this.querySelector("[data-called]");
      called?.replaceChildren(element("span", { class: "written" }, user.displayName));
    } catch (error) {
      if (!this.busy) tell(this, error);
    }
  }

  asked(name) {
    return { secret: this.secret, name };
  }

  async send(fields) {
    const asked = this.asked(fields.get("name")?.trim() ?? "");
    const options = await call("POST", "/v1/enrolment/options", asked);
    const answer = await passkeys.make(options);
    const made = await call("POST", "/v1/enrolment", { ...asked, answer });
    await keepCodes(made.codes, made.name);
    location.assign("/");
  }
}

customElements.define("register-form", RegisterForm);
