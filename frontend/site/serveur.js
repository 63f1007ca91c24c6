/**
 * What a fragment says when it fails: in words, once, and nothing on the page changes. A page or an error page that
 * answers instead of a fragment is followed (sign-in lost).
 * @example any element with hx-get, hx-post…
 */
const REFUSED = "fragment-refuse";
const say = (texte, genre = "erreur") =>
  document.dispatchEvent(new CustomEvent("wm:message", { detail: { texte, genre, cle: REFUSED } }));

// What was refused is past once another gesture succeeds; what a page reads by itself says nothing of it.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.requestConfig.verb === "post")
    document.dispatchEvent(new CustomEvent("wm:message-passe", { detail: REFUSED }));
});

document.addEventListener("htmx:sendError", () =>
  say("Le serveur ne répond pas. Rien n’a été modifié ; nous réessaierons quand vous recommencerez."),
);
document.addEventListener("htmx:timeout", () => say("Le serveur met trop de temps à répondre. Recommencez dans un instant."));
document.addEventListener("htmx:responseError", (event) => {
  const { status, responseText } = event.detail.xhr;
  const type = event.detail.xhr.getResponseHeader("Content-Type") ?? "";
  if (type.startsWith("application/json")) {
    try {
      say(JSON.parse(responseText).erreur);
      return;
    } catch {
      /* falls through to the sentence of the code */
    }
  }
  say(
    {
      400: "Cette demande n’a pas été comprise. Rien n’a été modifié.",
      401: "Votre session est terminée. Reconnectez-vous pour continuer.",
      403: "Vous n’avez plus le droit de faire cela. Rien n’a été modifié.",
      404: "Cet élément n’existe plus, ou vous n’y avez plus accès.",
      409: "Quelqu’un a modifié cet élément entre-temps. Rechargez la page pour voir son état.",
      413: "Ce fichier est trop gros.",
      429: "Trop de demandes en peu de temps. Attendez une minute.",
      503: "Le service est interrompu quelques minutes. Rien n’a été perdu.",
    }[status] ?? "Le serveur a rencontré une erreur. Rien n’a été modifié.",
  );
});
document.addEventListener("htmx:beforeSwap", (event) => {
  // 422: a form sent back with its errors is a fragment like another.
  if (event.detail.xhr.status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
  // A whole page in place of a fragment: the session ended. Go and see it.
  if (event.detail.xhr.responseText?.trimStart().toLowerCase().startsWith("<!doctype") && event.detail.xhr.status === 200) {
    event.detail.shouldSwap = false;
    location.assign(event.detail.xhr.responseURL || location.href);
  }
});
