import type { Status } from '../../machinery/status.ts';
import type { Frame } from '../contract.ts';
import { SharedFrame } from '../http/frame.ts';
import type { ObjectForm } from '../registry/object-bytes.ts';
import type { CachedObject } from './cached-object.ts';
import type { ResourceEvent } from './event-window.ts';

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Turns what happens into the pieces of one kind of stream. */
export interface EventEncoder {
  /** Distinguishes streams: equal keys make equal pieces. */
  readonly key: string;
  readonly contentType: string;
  event(type: WatchEventType, object: CachedObject): Frame;
  /** Tells the revision up to which the client has seen everything. */
  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): Frame;
  error(status: Status): Frame;
}

/** Turns objects into JSON of one representation. */
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

/** One JSON document on each line. */
export class JsonEventEncoder implements EventEncoder {
  readonly key: string;
  readonly contentType = 'application/json';
  readonly #objects: ObjectEncoder;

  constructor(objects: ObjectEncoder) {
    this.key = objects.key;
    this.#objects = objects;
  }

  event(type: WatchEventType, object: CachedObject): Frame {
    return new SharedFrame(Buffer.concat([opening[type], this.#objects.encode(object), closing]));
  }

  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): Frame {
    return line({ type: 'BOOKMARK', object: this.#objects.bookmark(revision, annotations) });
  }

  error(status: Status): Frame {
    return line({ type: 'ERROR', object: status });
  }
}

function line(event: object): Frame {
  return new SharedFrame(Buffer.from(`${JSON.stringify(event)}\n`));
}

/** A change's piece, made once for all watchers that see it the same way. */
export function sharedFrame(
  type: WatchEventType,
  event: ResourceEvent,
  object: CachedObject,
  encoder: EventEncoder,
): Frame {
  const key = type + encoder.key;
  let frame = event.frames.get(key);
  if (frame === undefined) {
    frame = encoder.event(type, object);
    event.frames.set(key, frame);
  }
  return frame;
}
