// Everything of a person in one file, which the browser saves.

import { fetched } from "./api.js";
import { letSave } from "./elements.js";
import { SentForm } from "./sent-form.js";

const LONG = 60 * 1000; // milliseconds that a browser may take to begin to save

class ArchiveForm extends SentForm {
  async send(fields) {
    const told = this.querySelector("[data-told]");
    const passphrase = fields.get("passphrase") || null;
    told.textContent = "";
    const archive = await fetched("POST", "/v1/archives", { passphrase }, this.deed());
    const link = document.createElement("a");
    link.download = "archive.mnemosyne";
    setTimeout(letSave(link, archive), LONG);
    link.click();
    told.textContent = "The archive is made, and your browser saves it.";
  }
}

customElements.define("archive-form", ArchiveForm);
