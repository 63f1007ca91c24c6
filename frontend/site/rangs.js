/**
 * Rows of a form: add one, move one up or down, say what the weights make. Without this each button sends the form
 * and the page comes back with the change.
 * @example <form data-wm-rangs><input type="hidden" name="ordre" value="0,1"><input name="form-TOTAL_FORMS">
 *            <ol><li data-wm-rang="0">… <button name="geste" value="monter-0">…</li></ol>
 *            <template><li data-wm-rang="__prefix__">…</li></template>
 *            <button name="geste" value="ajouter">Ajouter une ligne</button><p data-wm-total></p></form>
 */
const FIXE = "\u00a0";
const FINE = "\u202f";
const rowsOf = (form) => [...form.querySelectorAll("[data-wm-rang]")];

function renumber(form) {
  const rows = rowsOf(form);
  form.elements.ordre.value = rows.map((row) => row.dataset.wmRang).join(",");
  rows.forEach((row, place) => {
    const label = row.querySelector("[data-wm-rang-numero]");
    label.textContent = place + 1;
    for (const [verb, words, end] of [["monter", "Monter", 0], ["descendre", "Descendre", rows.length - 1]]) {
      const button = row.querySelector(`[value^="${verb}-"]`);
      button.setAttribute("aria-label", `${words} la ligne ${place + 1}`);
      button.disabled = place === end;
    }
  });
}

function add(form) {
  const total = form.querySelector('[name$="-TOTAL_FORMS"]');
  const [rank, model] = [Number(total.value), form.querySelector("template")];
  const made = document.createElement("template");
  made.innerHTML = model.innerHTML.replaceAll("__prefix__", rank);
  total.value = rank + 1;
  const row = made.content.firstElementChild;
  form.querySelector(".wm-rangs").append(row);
  renumber(form);
  row.querySelector("input:not([type=hidden])").focus();
}

function move(form, button) {
  const row = button.closest("[data-wm-rang]");
  const up = button.value.startsWith("monter");
  const other = up ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (up) other.before(row);
  else other.after(row);
  renumber(form);
  // At the end of the list the button pressed is off: the other one of the row keeps the keyboard.
  if (button.disabled) row.querySelector(`[value^="${up ? "descendre" : "monter"}-"]`).focus();
  else button.focus();
}

function arrange(form, ranks) {
  const list = form.querySelector(".wm-rangs");
  for (const rank of ranks) {
    const row = list.querySelector(`:scope > [data-wm-rang="${Number(rank)}"]`);
    if (row) list.append(row);
  }
  renumber(form);
}

const percent = (hundredths) => `${(hundredths / 100).toLocaleString("fr-FR", { useGrouping: false })}${FIXE}%`;

function weigh(form) {
  const place = form.querySelector("[data-wm-total]");
  if (!place) return;
  const shares = new Map([["", 0]]);
  for (const row of rowsOf(form)) {
    const typed = row.querySelector('[name$="-poids"]').value.replace(/[\s€]/g, "").replace(",", ".");
    if (/^\d+(\.\d*)?$/.test(typed) && !row.querySelector('[name$="-DELETE"]')?.checked) {
      const lot = row.querySelector('[name$="-portee"]').value;
      shares.set(lot, (shares.get(lot) ?? 0) + Math.round(Number(typed) * 100));
    }
  }
  place.textContent = shares.size > 1 ? sayLots(form, shares) : sayTotal(shares.get(""));
}

function sayTotal(total) {
  const gap = total < 10000 ? `, il manque ${percent(10000 - total)}` : total > 10000 ? `, c’est ${percent(total - 10000)} de trop` : "";
  return `Les poids font ${percent(total)}${gap}.`;
}

/** As the server says it: the lots that do not make a hundred, three by name. */
function sayLots(form, shares) {
  const lots = [...form.querySelector('select[name$="-portee"]').options].filter((option) => option.value);
  const off = lots
    .map((option) => [option.text.split(FINE)[0], shares.get("") + (shares.get(option.value) ?? 0)])
    .filter(([, total]) => total !== 10000);
  if (!off.length) return `Les poids font 100${FIXE}% pour chaque lot.`;
  const said = off.slice(0, 3).map(([name, total]) => `${name}${FINE}: ${sayTotal(total).replace("Les", "les")}`);
  const more = off.length - 3;
  if (more > 0) said.push(`De même pour ${more} autre${more > 1 ? "s lots" : " lot"}.`);
  return said.join(" ");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest('form[data-wm-rangs] button[name="geste"]');
  if (!button) return;
  event.preventDefault();
  const [verb, ...ranks] = button.value.split("-");
  if (verb === "ajouter") add(button.form);
  else if (verb === "ranger") arrange(button.form, ranks);
  else move(button.form, button);
});

for (const kind of ["input", "change"])
  document.addEventListener(kind, (event) => {
    const form = event.target.closest("form[data-wm-rangs]");
    if (form) weigh(form);
  });
