// Coming back: a recovery code opens one thing, making a new passkey.

import { call } from "./api.js";
import "./new-passkey-form.js";
import { SentForm } from "./sent-form.js";

class RecoverForm extends SentForm {
  async send(fields) {
    await call("POST", "/v1/recovery", { code: fields.get("code") });
    location.assign("/recover");
  }
}

customElements.define("recover-form", RecoverForm);
