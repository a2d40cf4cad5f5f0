const lineFeed = 0x0a;

/**
 * The lines of a stream of UTF-8 text, without their ends and without empty ones. A last line that has no end is
 * dropped: it was cut off. Throws when a line is longer than `maxBytes`.
 */
export async function* linesOf(pieces: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
      const last = piece.subarray(start, end);
      const line = rest.length === 0 ? last : Buffer.concat([...rest, last]);
      rest = [];
      restBytes = 0;
      start = end + 1;
      if (line.length > 0) yield line.toString('utf8');
    }
    if (start === piece.length) continue;
    restBytes += piece.length - start;
    if (restBytes > maxBytes) throw new Error(`a line is longer than ${maxBytes} bytes`);
    rest.push(piece.subarray(start));
  }
}
