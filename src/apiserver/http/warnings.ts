/** The warnings of one answer (RFC 7234, section 5.5), within the bounds that upstream keeps. */

/** Up to so many characters travel whole; then each warning is cut, and what comes after as many again is left out. */
const maxCharacters = 4096;
const maxCutCharacters = 256;

/** As a header carries it: code 299, no agent, UTF-8 in one character per byte; undefined for what may not travel. */
function headerOf(text: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- these are exactly what must not reach a header
  if (/[\x00-\x1f\x7f]/.test(text)) return undefined;
  const quoted = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `299 - "${Buffer.from(quoted, 'utf8').toString('latin1')}"`;
}

export class Warnings {
  /** What goes into the answer, in the order in which it was said. */
  readonly headers: string[] = [];
  readonly #texts = new Set<string>();
  #characters = 0;
  #cuts = false;

  /** The same text is said once. */
  add(text: string): void {
    if (text === '' || this.#texts.has(text) || (this.#cuts && this.#characters >= maxCharacters)) return;
    this.#texts.add(text);
    if (!this.#cuts && this.#characters + lengthOf(text) > maxCharacters) {
      this.#cuts = true;
      this.#characters = 0;
      this.headers.length = 0;
      for (const each of this.#texts) this.#write(each);
    } else this.#write(text);
  }

  #write(text: string): void {
    const shown = this.#cuts ? cut(text) : text;
    const header = headerOf(shown);
    if (header === undefined) return;
    this.#characters += lengthOf(shown);
    this.headers.push(header);
  }
}

function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

function cut(text: string): string {
  return text.length <= maxCutCharacters ? text : [...text].slice(0, maxCutCharacters).join('');
}
