/** Keys within the paths of JSON patches (RFC 6901). */
import type { Library } from '../declarations.ts';
import { global, string } from '../declarations.ts';
import { stringType } from '../types.ts';

export const jsonPatchLibrary: Library = {
  'jsonpatch.escapeKey': [
    global('string_jsonpatch_escapeKey_string', [string], stringType, (key) =>
      key.replaceAll('~', '~0').replaceAll('/', '~1'),
    ),
  ],
};
