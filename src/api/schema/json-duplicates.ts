/** Duplicates reported of one text, as upstream's decoder bounds them. */
const maxReports = 100;

interface Frame {
  /** Names seen, of an object; undefined for a list. */
  readonly names: Set<string> | undefined;
  /** The path of the object or list. */
  readonly path: string;
  index: number;
  /** The name whose value comes next. */
  name: string;
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;

/** Paths of the names that come twice in one object, such as `spec.containers[0].image`, of a text that is valid JSON. */
export function findDuplicates(text: string): string[] {
  const found = new Set<string>();
  const open: Frame[] = [];
  let expectName = false;
  for (const [part] of text.matchAll(token)) {
    const frame = open.at(-1);
    switch (part) {
      case '{':
      case '[':
        open.push({ names: part === '{' ? new Set() : undefined, path: pathIn(frame), index: 0, name: '' });
        expectName = part === '{';
        break;
      case '}':
      case ']':
        open.pop();
        expectName = false;
        break;
      case ',':
        if (frame !== undefined) frame.index++;
        expectName = frame?.names !== undefined;
        break;
      case ':':
        expectName = false;
        break;
      default:
        if (!expectName || frame?.names === undefined) break;
        frame.name = JSON.parse(part) as string;
        if (frame.names.has(frame.name)) found.add(pathIn(frame));
        frame.names.add(frame.name);
        if (found.size >= maxReports) return [...found];
    }
  }
  return [...found];
}

function pathIn(frame: Frame | undefined): string {
  if (frame === undefined) return '';
  if (frame.names === undefined) return `${frame.path}[${frame.index}]`;
  return frame.path === '' ? frame.name : `${frame.path}.${frame.name}`;
}
