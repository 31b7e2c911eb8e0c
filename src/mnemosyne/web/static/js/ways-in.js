// Ways in: passkeys come and go, and recovery codes are made anew.

import { call } from "./api.js";
import "./new-passkey-form.js";
import { keepCodes } from "./recovery-codes.js";
import { SentForm } from "./sent-form.js";

class ApiForm extends SentForm {
  async send() {
    const { method, path, shows } = this.dataset;
    const answer = await call(method, path, undefined, this.deed());
    if (shows) await keepCodes(answer.codes, this.dataset.person);
    this.leave();
  }
}

customElements.define("api-form", ApiForm);
