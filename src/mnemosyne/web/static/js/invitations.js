// A new invitation: a link that lets one person in, shown once.

import { call } from "./api.js";
import { letCopy, turnTo } from "./elements.js";
import { tellLocally } from "./every-page.js";
import { SentForm } from "./sent-form.js";

class InvitationForm extends SentForm {
  async send(fields) {
    const name = fields.get("name");
    const made = await call("POST", "/v1/invitations", { name }, this.deed(name));
    const place = turnTo(document.querySelector("main"), "secret");
    place.querySelector("output").textContent = made.address;
    place.querySelector("[data-name]").textContent = made.name;
    const until = place.querySelector("[data-until]");
    until.dateTime = made.expires_at;
    tellLocally(until);
    letCopy(place, made.address);
  }
}

customElements.define("invitation-form", InvitationForm);
