/** A text of the sender as far as an answer hands it back: the first `length` UTF-16 units, and an ellipsis for the rest. */
export function shortened(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…` : text;
}
