// Signing in: the browser offers passkeys in the field, or the button asks for one.

import { call } from "./api.js";
import * as passkeys from "./passkeys.js";
import { Refusal, tell } from "./problems.js";
import { SentForm } from "./sent-form.js";

const ANEW = 4 * 60 * 1000; // milliseconds; the node takes an answer for five minutes

class SignInForm extends SentForm {
  connectedCallback() {
    if (!passkeys.available()) {
      tell(this, new DOMException("", "SecurityError"));
      return;
    }
    super.connectedCallback();
    this.offer();
  }

  /** Let the browser offer passkeys in the field for as long as the page is open. */
  async offer() {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    this.offered = new AbortController();
    const { signal } = this.offered;
    const anew = setTimeout(() => {
      this.offered.abort();
      this.offer();
    }, ANEW);
    try {
      await this.signIn({ mediation: "conditional", signal });
    } catch (error) {
      // A passkey that nobody chose is no news; one that the node refused is.
      if (error instanceof Refusal) tell(this, error);
    } finally {
      clearTimeout(anew);
    }
  }

  async send() {
    this.offered?.abort();
    try {
      await this.signIn();
    } catch (error) {
      this.offer();
      throw error;
    }
  }

  async signIn(how) {
    const options = await call("POST", "/v1/sessions/options");
    const answer = await passkeys.use(options, how);
    await call("POST", "/v1/sessions", { answer });
    this.leave();
  }
}

customElements.define("sign-in-form", SignInForm);
