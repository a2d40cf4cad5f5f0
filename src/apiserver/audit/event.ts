import { formatMicroTime } from '../../machinery/time.ts';
import type { AuditStage } from './contract.ts';

/** An event as it is written: JSON in the field order of audit.k8s.io/v1. */
export class AuditEvent {
  readonly #parts: EventParts;
  /** The event without its kind and apiVersion, which items of a list do not have. */
  readonly item: string;

  constructor(parts: EventParts) {
    this.#parts = parts;
    this.item = textOf(parts);
  }

  get stage(): AuditStage {
    return this.#parts.stage;
  }

  /** The event by itself. */
  get text(): string {
    return `{"kind":"Event","apiVersion":"audit.k8s.io/v1",${this.item.slice(1)}`;
  }

  /** Without what makes events large. */
  truncated(): AuditEvent {
    const { requestObject: _request, responseObject: _response, ...rest } = this.#parts;
    return new AuditEvent({ ...rest, annotations: { ...rest.annotations, 'audit.k8s.io/truncated': 'true' } });
  }
}

/** What an event is put together from. Members that end in `Text`, and the objects, are JSON already. */
export interface EventParts {
  /** `"level":…,"auditID":…` */
  readonly headText: string;
  readonly stage: AuditStage;
  /** `"requestURI":…` up to `"userAgent":…`. */
  readonly requestText: string;
  readonly objectRef?: object | undefined;
  readonly responseStatus?: object | undefined;
  readonly requestObject?: string | undefined;
  readonly responseObject?: string | undefined;
  readonly receivedMs: number;
  readonly stageMs: number;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

function textOf(parts: EventParts): string {
  const { objectRef, responseStatus, requestObject, responseObject, annotations } = parts;
  let text = `{${parts.headText},"stage":"${parts.stage}",${parts.requestText}`;
  if (objectRef !== undefined) text += `,"objectRef":${JSON.stringify(objectRef)}`;
  if (responseStatus !== undefined) text += `,"responseStatus":${JSON.stringify(responseStatus)}`;
  if (requestObject !== undefined) text += `,"requestObject":${requestObject}`;
  if (responseObject !== undefined) text += `,"responseObject":${responseObject}`;
  text += `,"requestReceivedTimestamp":"${formatMicroTime(parts.receivedMs)}"`;
  text += `,"stageTimestamp":"${formatMicroTime(parts.stageMs)}"`;
  if (annotations !== undefined) text += `,"annotations":${JSON.stringify(annotations)}`;
  return `${text}}`;
}
