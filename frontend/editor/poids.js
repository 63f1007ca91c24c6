/** The weight of a chosen file, and what is said of one too heavy to leave: the sentence is the server’s. */

const UNITS = [["ko", 1e3], ["Mo", 1e6], ["Go", 1e9]];

/** As the server writes the size of a file (procurement/ui/typographie.py): rounded up, so that none past a limit reads as it. */
export function weigh(size) {
  if (size < 1000) return `${size}\u00a0${size < 2 ? "octet" : "octets"}`;
  const [unit, of] = UNITS.find((one) => Math.ceil(size / one[1]) < 1000) ?? UNITS[2];
  const tenths = Math.ceil((10 * size) / of);
  const value = tenths < 100 ? tenths / 10 : Math.ceil(size / of);
  return `${value.toLocaleString("fr-FR")}\u00a0${unit}`;
}

/** What is wrong with the weight of some files, "" when nothing is. limit: bytes; sentence: where {taille} is the size. */
export function tooLarge(files, limit, sentence) {
  const heavy = [...files].find(({ size }) => size > Number(limit));
  return heavy ? sentence.replace("{taille}", weigh(heavy.size)) : "";
}
