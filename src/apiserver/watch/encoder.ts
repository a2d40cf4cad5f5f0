import type { Frame } from '../contract.ts';
import { SharedFrame } from '../http/frame.ts';
import type { ObjectForm } from '../registry/object-bytes.ts';
import type { CachedObject } from './cached-object.ts';
import type { ResourceEvent } from './event-window.ts';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Turns objects into the bytes of one representation. */
export interface ObjectEncoder {
  /** Distinguishes representations: equal keys make equal bytes. */
  readonly key: string;
  /** The complete JSON of one object. */
  encode(object: CachedObject): Buffer;
  /** A bookmark's object: it carries nothing but a resource version and perhaps annotations. */
  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): unknown;
}

/** The object as it is stored: nothing is parsed. */
export class StoredFormEncoder implements ObjectEncoder {
  readonly key = '';
  readonly #form: ObjectForm;

  constructor(form: ObjectForm) {
    this.#form = form;
  }

  encode(object: CachedObject): Buffer {
    return this.#form.withVersion(object.value, object.revision);
  }

  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): unknown {
    const { kind, apiVersion } = this.#form;
    return {
      kind,
      apiVersion,
      metadata: { resourceVersion: String(revision), ...(annotations === undefined ? {} : { annotations }) },
    };
  }
}

const closing = Buffer.from('}\n');
const opening: Readonly<Record<WatchEventType, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};

/** A watch event's line for an object, made anew. */
export function encodeLine(type: WatchEventType, object: CachedObject, encoder: ObjectEncoder): Frame {
  return new SharedFrame(Buffer.concat([opening[type], encoder.encode(object), closing]));
}

/** A change's line, made once for all watchers that see it the same way. */
export function sharedLine(
  type: WatchEventType,
  event: ResourceEvent,
  object: CachedObject,
  encoder: ObjectEncoder,
): Frame {
  const key = type + encoder.key;
  let frame = event.frames.get(key);
  if (frame === undefined) {
    frame = encodeLine(type, object, encoder);
    event.frames.set(key, frame);
  }
  return frame;
}

/** A line of any other type: BOOKMARK, ERROR. */
export function otherLine(type: 'BOOKMARK' | 'ERROR', object: unknown): Frame {
  return new SharedFrame(Buffer.from(`${JSON.stringify({ type, object })}\n`));
}
