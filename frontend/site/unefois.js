/**
 * A form leaves once: while it is being sent its buttons wait, so that a double click is one act.
 * They come back with the page (« Précédent »), or after some seconds when the answer was a file.
 * @example <form method="post">…<button>Envoyer l’invitation</button></form>
 */
const WAIT = 6000;
const sent = new Map();

function release(form) {
  for (const button of sent.get(form) ?? []) button.disabled = false;
  sent.delete(form);
}

document.addEventListener(
  "submit",
  (event) => {
    if (!sent.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  // After every other listener, and after the browser has read which button was pressed.
  setTimeout(() => {
    if (event.defaultPrevented) return;
    const buttons = [...form.elements].filter((element) => element.type === "submit" && !element.disabled);
    for (const button of buttons) button.disabled = true;
    sent.set(form, buttons);
    setTimeout(release, WAIT, form);
  });
});

window.addEventListener("pageshow", () => {
  for (const form of sent.keys()) release(form);
});
