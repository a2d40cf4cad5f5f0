import { knownSchema } from '../../api/known-schema.ts';
import { encodeWatchFrame, type TypeMeta } from '../../api/schema/protobuf/envelope.ts';
import type { ObjectSchema } from '../../api/schema/schema.ts';
import type { Status } from '../../machinery/status.ts';
import type { Frame } from '../contract.ts';
import { DelimitedFrame } from '../http/frame.ts';
import type { CachedObject } from './cached-object.ts';
import type { EventEncoder, WatchEventType } from './encoder.ts';

/** What a stream's objects are. */
export interface ProtobufObjects extends TypeMeta {
  readonly schema: ObjectSchema;
  /** The object in the version and shape of `schema`. */
  read(object: CachedObject): object;
}

const statusSchema = knownSchema('io.k8s.apimachinery.pkg.apis.meta.v1.Status');

/** Events of `application/vnd.kubernetes.protobuf;stream=watch`: each with its length before it. */
export class ProtobufEventEncoder implements EventEncoder {
  readonly key: string;
  readonly contentType = 'application/vnd.kubernetes.protobuf;stream=watch';
  readonly #objects: ProtobufObjects;

  constructor(objects: ProtobufObjects) {
    this.key = `protobuf/${objects.apiVersion}/${objects.kind}`;
    this.#objects = objects;
  }

  event(type: WatchEventType, object: CachedObject): Frame {
    return this.#frame(type, this.#objects.read(object));
  }

  bookmark(revision: number, annotations?: Readonly<Record<string, string>>): Frame {
    return this.#frame('BOOKMARK', {
      metadata: { resourceVersion: String(revision), ...(annotations === undefined ? {} : { annotations }) },
    });
  }

  error(status: Status): Frame {
    return new DelimitedFrame(encodeWatchFrame('ERROR', statusSchema, status, status));
  }

  #frame(type: string, object: object): Frame {
    return new DelimitedFrame(encodeWatchFrame(type, this.#objects.schema, this.#objects, object));
  }
}
