// A new token: what it may do, until when, and its secret once.

import { call } from "./api.js";
import { element, letCopy, turnTo } from "./elements.js";
import { SentForm } from "./sent-form.js";

class TokenForm extends SentForm {
  async send(fields) {
    const name = fields.get("name");
    const asked = { name, scopes: fields.getAll("scopes"), days: Number(fields.get("days")) };
    const deed = [...this.deed(name), this.terms()];
    const made = await call("POST", "/v1/tokens", asked, deed);
    const place = turnTo(document.querySelector("main"), "secret");
    place.querySelector("output").textContent = made.secret;
    letCopy(place, made.secret);
  }

  /** What the token may do and for how long, as the form says it. */
  terms() {
    const may = [...this.querySelectorAll("input:checked")].map((box) => {
      const words = box.parentElement.querySelector("span").textContent;
      return element("li", {}, words, " ", element("code", {}, box.value));
    });
    const days = this.querySelector("select").selectedOptions[0].textContent.toLowerCase();
    return element("ul", {}, ...may, element("li", {}, `for ${days}`));
  }
}

customElements.define("token-form", TokenForm);
