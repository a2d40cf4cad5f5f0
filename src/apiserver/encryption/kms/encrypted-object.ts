import { isDNS1123Subdomain } from '../../../machinery/names.ts';
import { bytesOf, decodeMessage, encodeMessage, mapFields, mapOf, numberOf, textOf, type BytesByName } from './wire.ts';

/** How a value is encrypted with what the plugin keeps: with the key itself (read only), or keys derived from a seed. */
export const dekSourceTypes = { key: 0, seed: 1 } as const;

/** What KMS v2 stores of a value (`EncryptedObject` of `k8s.io/apiserver`). */
export interface EncryptedObject {
  readonly encryptedData: Uint8Array;
  readonly keyId: string;
  /** The key or seed, as the plugin encrypted it. */
  readonly encryptedDekSource: Uint8Array;
  readonly annotations: BytesByName;
  readonly sourceType: number;
}

const maxAnnotationsBytes = 32 * 1024;
const maxKeyIdBytes = 1024;
const maxSourceBytes = 1024;

/** What is checked of what a plugin answered, and of what is stored. Throws in upstream's words. */
export function checkEncryptedObject(object: EncryptedObject): void {
  const { encryptedData, encryptedDekSource, keyId, annotations, sourceType } = object;
  if (sourceType !== dekSourceTypes.key && sourceType !== dekSourceTypes.seed) {
    throw new Error(`unknown encryptedDEKSourceType: ${sourceType}`);
  }
  if (encryptedData.length === 0) throw new Error('encrypted data is empty');
  if (encryptedDekSource.length === 0) {
    throw new Error('failed to validate encrypted DEK source: encrypted DEK source is empty');
  }
  if (encryptedDekSource.length > maxSourceBytes) {
    throw new Error(
      `failed to validate encrypted DEK source: encrypted DEK source is ${encryptedDekSource.length} bytes, which exceeds the max size of ${maxSourceBytes}`,
    );
  }
  const keyProblem = keyIdProblem(keyId);
  if (keyProblem !== undefined) throw new Error(`failed to validate key id: ${keyProblem}`);
  const annotationsProblem = problemOfAnnotations(annotations);
  if (annotationsProblem !== undefined) throw new Error(`failed to validate annotations: ${annotationsProblem}`);
}

export function keyIdProblem(keyId: string): string | undefined {
  const bytes = Buffer.byteLength(keyId, 'utf8');
  if (bytes === 0) return 'keyID is empty';
  return bytes > maxKeyIdBytes ? `keyID is ${bytes} bytes, which exceeds the max size of ${maxKeyIdBytes}` : undefined;
}

function problemOfAnnotations(annotations: BytesByName): string | undefined {
  let bytes = 0;
  for (const [name, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(name, 'utf8') + value.length;
    const isQualified = name.includes('.') && isDNS1123Subdomain(name).length === 0;
    if (!isQualified) {
      return `annotations: Invalid value: ${JSON.stringify(name)}: should be a domain with at least two segments separated by dots`;
    }
  }
  if (bytes <= maxAnnotationsBytes) return undefined;
  return `total size of annotations is ${bytes} bytes, which exceeds the max size of ${maxAnnotationsBytes}`;
}

export function encodeEncryptedObject(object: EncryptedObject): Buffer {
  checkEncryptedObject(object);
  return encodeMessage([
    [1, object.encryptedData],
    [2, Buffer.from(object.keyId, 'utf8')],
    [3, object.encryptedDekSource],
    ...mapFields(4, object.annotations),
    [5, object.sourceType],
  ]);
}

/** Throws. */
export function decodeEncryptedObject(bytes: Uint8Array): EncryptedObject {
  const fields = decodeMessage(bytes);
  const object = {
    encryptedData: bytesOf(fields, 1),
    keyId: textOf(fields, 2),
    encryptedDekSource: bytesOf(fields, 3),
    annotations: mapOf(fields, 4),
    sourceType: numberOf(fields, 5),
  };
  checkEncryptedObject(object);
  return object;
}
