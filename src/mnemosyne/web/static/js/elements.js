// Elements are built one by one; no text of anybody is ever read as markup.

/** Return an element with attributes and children; text is text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Return a text of ours as nodes, in which what stands between backticks is code. */
export function quoting(text) {
  return text.split("`").map((part, number) => (number % 2 ? element("code", {}, part) : part));
}

/** Put a copy of a template in place of what `place` holds, and take the reader there. */
export function turnTo(place, name) {
  const copy = document.getElementById(name).content.cloneNode(true);
  place.replaceChildren(copy);
  place.querySelector("[tabindex]").focus();
  return place;
}

/** Let a link save `blob` as a file; return a function that lets go of it. */
export function letSave(link, blob) {
  const file = URL.createObjectURL(blob);
  link.href = file;
  return () => URL.revokeObjectURL(file);
}

/** Let a button copy `text`, and say so beside it. */
export function letCopy(place, text) {
  const told = place.querySelector("[data-told]");
  place.querySelector("[data-copy]").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      told.textContent = "Copied.";
    } catch {
      told.textContent = "This browser does not let the page copy. Select it and copy it yourself.";
    }
  });
}
