/**
 * Dialogues. A form or a link that asks before it leaves; a button that opens a dialogue of the page.
 * The question names what will happen, data-wm-confirm-suite says how to undo it, data-wm-confirm-geste names the act.
 * @example <form method="post" data-wm-confirm="Retirer l’article 6.3 ?" data-wm-confirm-geste="Retirer l’article"
 *            data-wm-confirm-suite="Il reste dans l’historique et peut être rétabli.">…</form>
 * @example <button type="button" data-wm-dialogue="inviter">Inviter</button> <dialog id="inviter">…</dialog>
 */
let count = 0;

function ask({ wmConfirm, wmConfirmGeste = "Continuer", wmConfirmSuite, wmConfirmDanger }) {
  const dialog = document.createElement("dialog");
  dialog.className = "wm-dialogue";
  const title = document.createElement("h2");
  title.id = `question-${++count}`;
  title.textContent = wmConfirm;
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.append(title);
  if (wmConfirmSuite) {
    const rest = document.createElement("p");
    rest.textContent = wmConfirmSuite;
    dialog.append(rest);
  }
  const acts = document.createElement("div");
  acts.className = "gestes";
  const make = (word, css, value) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `btn ${css}`;
    button.textContent = word;
    button.addEventListener("click", () => dialog.close(value));
    return button;
  };
  const stay = make("Annuler", "btn-trait", "");
  acts.append(stay, make(wmConfirmGeste, wmConfirmDanger === undefined ? "btn-primary" : "btn-danger", "oui"));
  dialog.append(acts);
  document.body.append(dialog);
  const before = document.activeElement;
  dialog.showModal();
  stay.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus?.();
      resolve(dialog.returnValue === "oui");
    });
  });
}

const agreed = new WeakSet();

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const asker = event.submitter?.dataset.wmConfirm ? event.submitter : form;
    if (!asker.dataset.wmConfirm || agreed.delete(form)) return;
    const { submitter } = event;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await ask(asker.dataset))) return;
    agreed.add(form);
    form.requestSubmit(submitter);
  },
  true,
);

document.addEventListener("htmx:confirm", async (event) => {
  const { elt } = event.detail;
  if (elt.tagName === "FORM" || !elt.dataset.wmConfirm) return;
  event.preventDefault();
  if (await ask(elt.dataset)) event.detail.issueRequest(true);
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-wm-dialogue]");
  if (opener) document.getElementById(opener.dataset.wmDialogue)?.showModal();
});
