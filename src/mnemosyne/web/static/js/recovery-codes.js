// Ten codes, shown once: to print, to copy, to download, and to be kept before anything goes on.

import { call } from "./api.js";
import { letCopy, letSave, turnTo } from "./elements.js";
import { tellLocally } from "./every-page.js";

function stay(event) {
  event.preventDefault();
}

/** Show `codes` in place of the page until the person says they have them, and note that. */
export async function keepCodes(codes, person) {
  await shown(codes, person);
  await call("POST", "/v1/recovery-codes/acknowledge");
}

function shown(codes, person) {
  const place = turnTo(document.querySelector("main"), "recovery-codes");
  const text = sheet(codes, person);
  place.querySelector(".codes").append(...codes.map(line));
  tellOf(place, person);
  letCopy(place, text);
  place.querySelector("[data-print]").addEventListener("click", () => window.print());
  const sheetOf = new Blob([text], { type: "text/plain" });
  const letGo = letSave(place.querySelector("[data-download]"), sheetOf);
  window.addEventListener("beforeunload", stay);
  return new Promise((resolve) => {
    place.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      window.removeEventListener("beforeunload", stay);
      letGo();
      resolve();
    });
  });
}

function line(code) {
  const made = document.createElement("li");
  made.append(Object.assign(document.createElement("code"), { textContent: code }));
  return made;
}

function tellOf(place, person) {
  place.querySelector("[data-of]").textContent = person;
  place.querySelector("[data-at]").textContent = location.host;
  place.querySelector("[data-where]").textContent = `${location.origin}/recover`;
  const made = place.querySelector("[data-made]");
  made.dateTime = new Date().toISOString();
  tellLocally(made, null); // the sheet outlives today
}

function sheet(codes, person) {
  const numbered = codes.map((code, index) => `${String(index + 1).padStart(2)}  ${code}`);
  return [
    `Recovery codes for ${person} at ${location.host}`,
    `Made ${new Date().toISOString().slice(0, 10)}. Each lets you in once.`,
    `Type one in at ${location.origin}/recover`,
    "",
    ...numbered,
    "",
  ].join("\n");
}
