/** The title of an article, edited in its place: Enter or leaving it keeps, Escape takes back. */
const LONGEST = 300;

export function editTitle(title, keep) {
  if (title.isContentEditable) return title.focus();
  const before = title.textContent;
  title.setAttribute("contenteditable", "plaintext-only");
  if (!title.isContentEditable) title.setAttribute("contenteditable", "true");
  title.setAttribute("role", "textbox");
  title.setAttribute("aria-label", "Titre de l’article. Entrée pour garder, Échap pour revenir.");
  title.focus();
  window.getSelection().selectAllChildren(title);
  const done = (kept) => {
    title.removeEventListener("keydown", onKey);
    title.removeEventListener("blur", onBlur);
    for (const name of ["contenteditable", "role", "aria-label"]) title.removeAttribute(name);
    const after = title.textContent.replace(/\s+/g, " ").trim().slice(0, LONGEST);
    title.textContent = kept && after ? after : before;
    if (kept && after && after !== before) keep(after);
  };
  const onBlur = () => done(true);
  const onKey = (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    done(event.key === "Enter");
    title.closest("[data-wm-article]")?.querySelector("[data-wm-ecrire]")?.focus();
  };
  title.addEventListener("keydown", onKey);
  title.addEventListener("blur", onBlur);
}
