/** The weight of a chosen file, and what is said of one too heavy to leave: the sentence is the server’s. */

/** As the server writes the size of a file of some megabytes or more. */
function weigh(size) {
  const [value, unit] = size < 1e9 ? [size / 1e6, "Mo"] : [size / 1e9, "Go"];
  return `${value.toLocaleString("fr-FR", { maximumFractionDigits: value >= 10 ? 0 : 1 })}\u00a0${unit}`;
}

/** What is wrong with the weight of some files, "" when nothing is. limit: bytes; sentence: where {taille} is the size. */
export function tooLarge(files, limit, sentence) {
  const heavy = [...files].find(({ size }) => size > Number(limit));
  return heavy ? sentence.replace("{taille}", weigh(heavy.size)) : "";
}
