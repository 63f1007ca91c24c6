/**
 * Signing out leaves nothing of ours in the browser. A text that waits only there (set aside, or not sent yet) is shown
 * first, to copy or to download: it is not dropped in silence. The other pages of this person close as well.
 * @example <form method="post" action="…" data-wm-signout>…</form>
 */
import { forgetAll, listWaiting } from "../editor/attente.js";
import { icon, make, say, sayInstant } from "../editor/dom.js";

/** What is being sent leaves in the meantime. */
const GRACE = 1500;
const FOLLOWS = "wm:suit";
const moi = document.body.dataset.wmMoi ?? "";
const pages = "BroadcastChannel" in window ? new BroadcastChannel("wm:personnes") : null;
const agreed = new WeakSet();
let gone = false;

const asText = (items) => items.map(({ nom, le, texte }) => `${nom}, ${sayInstant(le)}\n\n${texte}\n`).join("\n――――――――\n\n");

function download(items) {
  const href = URL.createObjectURL(new Blob([asText(items)], { type: "text/plain;charset=utf-8" }));
  make("a", { href, download: "textes-a-garder.txt" }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}

/** Show what would be lost. Answers whether the person leaves all the same. */
function warn(items) {
  const several = items.length > 1;
  const close = (answer) => () => dialog.close(answer);
  const stay = make("button", { type: "button", class: "btn btn-trait", onclick: close("") }, "Rester");
  const copy = make(
    "button",
    {
      type: "button",
      class: "btn btn-trait",
      onclick: async () => {
        await navigator.clipboard?.writeText(asText(items));
        copy.lastChild.textContent = " Copié";
      },
    },
    icon("clipboard"),
    " Copier",
  );
  const save = make("button", { type: "button", class: "btn btn-trait", onclick: () => download(items) }, icon("download"), " Télécharger");
  const leave = make("button", { type: "button", class: "btn btn-danger", onclick: close("oui") }, "Effacer et me déconnecter");
  const dialog = make(
    "dialog",
    { class: "wm-dialogue", "aria-labelledby": "wm-attente-titre" },
    make("h2", { id: "wm-attente-titre" }, several ? `${items.length} textes ne sont que dans ce navigateur` : "Un texte n’est que dans ce navigateur"),
    make(
      "p",
      {},
      several
        ? "Ils ne sont pas dans la pièce. Se déconnecter les efface d’ici : gardez-les d’abord."
        : "Il n’est pas dans la pièce. Se déconnecter l’efface d’ici : gardez-le d’abord.",
    ),
    make(
      "ul",
      { class: "wm-attente", tabindex: "0", "aria-label": "Textes à garder" },
      ...items.map(({ nom, le, texte }) =>
        make("li", {}, make("p", { class: "note doux mb-1" }, `${nom} · ${sayInstant(le)}`), make("blockquote", {}, texte)),
      ),
    ),
    make("div", { class: "d-flex flex-wrap gap-2 mt-3" }, copy, save),
    make("div", { class: "gestes" }, stay, leave),
  );
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

/** What still waits once what was on its way has left. */
async function settle() {
  const end = Date.now() + GRACE;
  while (Date.now() < end) {
    if (!listWaiting(moi).some(({ fresh }) => fresh)) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return listWaiting(moi);
}

function leave() {
  document.dispatchEvent(new CustomEvent("wm:signout"));
  pages?.postMessage({ gone: moi });
  forgetAll(moi);
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-wm-signout]");
  if (!form) return;
  if (agreed.delete(form) || !listWaiting(moi).length) return leave();
  const { submitter } = event;
  event.preventDefault();
  const items = await settle();
  if (items.length && !(await warn(items))) return;
  agreed.add(form);
  form.requestSubmit(submitter);
});

// The other pages: what they hold is not written again, and they show nothing of this person once the session is another's.
pages?.addEventListener("message", ({ data }) => {
  if (!moi) return;
  if (data.gone === moi) {
    gone = true;
    document.dispatchEvent(new CustomEvent("wm:signout"));
  } else if (data.here !== undefined && data.here !== moi && (data.here || gone)) {
    if (!gone) document.dispatchEvent(new CustomEvent("wm:replaced"));
    sessionStorage.setItem(FOLLOWS, moi);
    window.location.reload();
  }
});
// A page that only follows another says nothing: two sessions side by side would send each other round.
if (sessionStorage.getItem(FOLLOWS) === null) pages?.postMessage({ here: moi });
sessionStorage.removeItem(FOLLOWS);
