// Two walks over the events of a YAML document: how large it is once its aliases are expanded, and which keys of a
// mapping came twice.
import { EVENT_ID, getScalarValue, SCALAR_STYLE } from 'js-yaml';
import type { parseEvents } from 'js-yaml';
import { quote } from '../../machinery/quote.ts';

export type Event = ReturnType<typeof parseEvents>[number];

/** The events of the first document: upstream reads no further. */
export function firstDocument(events: readonly Event[]): Event[] {
  let open = 0;
  for (const [index, event] of events.entries()) {
    if (event.type === EVENT_ID.POP) {
      if (--open === 0) return events.slice(0, index + 1);
    } else if (event.type !== EVENT_ID.SCALAR && event.type !== EVENT_ID.ALIAS) open++;
  }
  return [...events];
}

interface Measure {
  /** Nodes, aliases expanded. */
  nodes: number;
  /** Of those, nodes that come from aliases. */
  aliased: number;
  /** Levels of nesting. */
  height: number;
}

/** How much of a document may come from aliases: upstream's bounds against documents that expand without end. */
function allowedAliasRatio(nodes: number): number {
  if (nodes <= 400_000) return 0.99;
  if (nodes >= 4_000_000) return 0.1;
  return 0.99 - 0.89 * ((nodes - 400_000) / 3_600_000);
}

/** Refuses a document that grows too large or too deep when its aliases are expanded, or that contains itself. */
export function checkAliases(events: readonly Event[], source: string, maxDepth: number): void {
  if (!events.some((event) => event.type === EVENT_ID.ALIAS)) return;
  const anchors = new Map<string, Measure | 'open'>();
  const frames: Array<{ readonly anchor: string; readonly measure: Measure }> = [];
  const add = (child: Measure): void => {
    const parent = frames.at(-1)?.measure;
    if (parent === undefined) return;
    parent.nodes += child.nodes;
    parent.aliased += child.aliased;
    parent.height = Math.max(parent.height, child.height + 1);
    if (parent.height + frames.length > maxDepth) throw new Error('exceeded max depth');
    if (
      parent.aliased > 100 &&
      parent.nodes > 1000 &&
      parent.aliased / parent.nodes > allowedAliasRatio(parent.nodes)
    ) {
      throw new Error('yaml: document contains excessive aliasing');
    }
  };
  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.ALIAS: {
        const name = source.slice(event.anchorStart, event.anchorEnd);
        const target = anchors.get(name);
        if (target === undefined) throw new Error(`yaml: unknown anchor '${name}' referenced`);
        if (target === 'open') throw new Error(`yaml: anchor '${name}' value contains itself`);
        // The alias is a node too, one that stands in the text.
        add({ nodes: target.nodes + 1, aliased: target.nodes, height: target.height });
        break;
      }
      case EVENT_ID.SCALAR: {
        const measure = { nodes: 1, aliased: 0, height: 0 };
        if (event.anchorStart !== -1) anchors.set(source.slice(event.anchorStart, event.anchorEnd), measure);
        add(measure);
        break;
      }
      case EVENT_ID.POP: {
        const frame = frames.pop();
        if (frame === undefined) break;
        if (frame.anchor !== '') anchors.set(frame.anchor, frame.measure);
        add(frame.measure);
        break;
      }
      default: {
        const anchor =
          event.type === EVENT_ID.DOCUMENT || event.anchorStart === -1
            ? ''
            : source.slice(event.anchorStart, event.anchorEnd);
        if (anchor !== '') anchors.set(anchor, 'open');
        frames.push({ anchor, measure: { nodes: 1, aliased: 0, height: 0 } });
      }
    }
  }
}

/** Keys that came twice in a mapping, as upstream's strict YAML reader lists them: with the line of the later value. */
export function duplicateKeys(
  events: readonly Event[],
  source: string,
  resolvePlain: (text: string) => unknown,
): string[] {
  const found: string[] = [];
  const frames: Array<{ readonly keys: Map<string, string> | undefined; key: string | undefined }> = [];
  /** A node stands here: the value of the key before it, or the next key, whose identity is `key`. */
  const visit = (position: number, key: { readonly id: string; readonly shown: string } | undefined): void => {
    const frame = frames.at(-1);
    if (frame?.keys === undefined) return;
    if (frame.key === undefined) {
      // A collection for a key is refused elsewhere.
      frame.key = key === undefined ? '' : key.id;
      if (key !== undefined && !frame.keys.has(key.id)) frame.keys.set(key.id, '');
      else if (key !== undefined && key.id !== 'string:<<') frame.keys.set(key.id, key.shown);
      return;
    }
    const shown = frame.keys.get(frame.key);
    if (shown !== undefined && shown !== '')
      found.push(`line ${lineOf(source, position)}: key ${shown} already set in map`);
    frame.key = undefined;
  };
  for (const event of events) {
    switch (event.type) {
      case EVENT_ID.SCALAR: {
        const text = getScalarValue(source, event);
        const value = event.style === SCALAR_STYLE.PLAIN && event.tagStart === -1 ? resolvePlain(text) : text;
        const shown = typeof value === 'string' ? quote(value) : String(value);
        visit(start(event, event.valueStart), { id: `${typeof value}:${String(value)}`, shown });
        break;
      }
      case EVENT_ID.ALIAS:
        visit(event.anchorStart, undefined);
        break;
      case EVENT_ID.POP:
        frames.pop();
        break;
      case EVENT_ID.DOCUMENT:
        frames.push({ keys: undefined, key: undefined });
        break;
      default:
        visit(start(event, event.start), undefined);
        frames.push({ keys: event.type === EVENT_ID.MAPPING ? new Map() : undefined, key: undefined });
    }
  }
  return found;
}

function start(event: { readonly anchorStart: number; readonly tagStart: number }, value: number): number {
  const positions = [event.anchorStart, event.tagStart, value].filter((position) => position >= 0);
  return positions.length === 0 ? 0 : Math.min(...positions);
}

function lineOf(source: string, position: number): number {
  let line = 1;
  for (let at = source.indexOf('\n'); at !== -1 && at < position; at = source.indexOf('\n', at + 1)) line++;
  return line;
}
