// One more passkey, of somebody who is signed in or who is coming back.

import { call } from "./api.js";
import * as passkeys from "./passkeys.js";
import { SentForm } from "./sent-form.js";

class NewPasskeyForm extends SentForm {
  async send(fields) {
    const name = fields.get("name");
    const path = this.dataset.path ?? "/v1/passkeys";
    const options = await call("POST", `${path}/options`, undefined, this.deed(name));
    const answer = await passkeys.make(options);
    await call("POST", path, { name, answer });
    this.leave();
  }
}

customElements.define("new-passkey-form", NewPasskeyForm);
