// What scripts say in the reader's language: the page carries a table by the English words.
const table = JSON.parse(document.body?.dataset.words ?? "{}");

export const said = (english) => table[english] ?? english;
