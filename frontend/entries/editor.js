/** Script of the page of a pièce, only for a person who may write in it. */
import "../editor/page.js";
