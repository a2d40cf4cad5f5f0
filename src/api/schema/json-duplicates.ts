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
  /** It is within a field that nobody knows. */
  readonly isUnknown: boolean;
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;

/** Names that come twice in one object, as `duplicate field "spec.containers[0].image"`, of a text that is valid JSON. */
export function findDuplicates(text: string): string[] {
  return findProblems(text, []);
}

/**
 * The same with `unknown field "spec.foo"` for each of the given paths, all in the order in which they stand in the text.
 * What is in an unknown field is nobody's concern.
 */
export function findProblems(text: string, unknown: readonly string[]): string[] {
  const unknownPaths = new Set(unknown);
  const found = new Set<string>();
  const open: Frame[] = [];
  let expectName = false;
  for (const [part] of text.matchAll(token)) {
    const frame = open.at(-1);
    switch (part) {
      case '{':
      case '[':
        open.push({
          names: part === '{' ? new Set() : undefined,
          path: pathIn(frame),
          index: 0,
          name: '',
          isUnknown: frame !== undefined && (frame.isUnknown || unknownPaths.has(pathIn(frame))),
        });
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
        if (frame.isUnknown) break;
        if (unknownPaths.has(pathIn(frame))) found.add(`unknown field ${JSON.stringify(pathIn(frame))}`);
        else if (frame.names.has(frame.name)) found.add(`duplicate field ${JSON.stringify(pathIn(frame))}`);
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
