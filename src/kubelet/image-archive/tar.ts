/** Writing tar archives (POSIX.1-1988 ustar), as image layers and image archives are. */

export interface TarEntry {
  /** Without a leading slash. At most 100 bytes. */
  readonly path: string;
  /** Of a file. */
  readonly content?: Buffer;
  /** Of a symbolic link: what it points to. */
  readonly linkTarget?: string;
  /** Default: 0755 of a directory, 0644 of a file. */
  readonly mode?: number;
}

const blockBytes = 512;
const maxNameBytes = 100;

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\0`;
}

function header({ path, content, linkTarget, mode }: TarEntry): Buffer {
  const isDirectory = content === undefined && linkTarget === undefined;
  const name = isDirectory && !path.endsWith('/') ? `${path}/` : path;
  if (Buffer.byteLength(name) > maxNameBytes || Buffer.byteLength(linkTarget ?? '') > maxNameBytes) {
    throw new RangeError(`the path ${JSON.stringify(name)} is longer than ${maxNameBytes} bytes`);
  }
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0);
  block.write(octal(mode ?? (content === undefined ? 0o755 : 0o644), 8), 100);
  // Owned by root, and of no particular time: the same content makes the same archive.
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(content?.length ?? 0, 12), 124);
  block.write(octal(0, 12), 136);
  block.write(' '.repeat(8), 148);
  block.write(linkTarget === undefined ? (isDirectory ? '5' : '0') : '2', 156);
  block.write(linkTarget ?? '', 157);
  block.write('ustar\u000000', 257);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** An archive of the entries, in their order. Throws a RangeError for a path that is too long. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const pieces: Buffer[] = [];
  for (const entry of entries) {
    pieces.push(header(entry));
    const { content } = entry;
    if (content === undefined) continue;
    pieces.push(content, Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes));
  }
  pieces.push(Buffer.alloc(2 * blockBytes));
  return Buffer.concat(pieces);
}
