/** The functions and types of Kubernetes v1.36's environment. Made once: each table has some three hundred overloads. */
import type { FunctionTable } from './declarations.ts';
import { functionTable } from './declarations.ts';
import {
  authorizerLibrary,
  authorizerType,
  decisionType,
  groupCheckType,
  pathCheckType,
  resourceCheckType,
} from './library/authorizer.ts';
import { cidrLibrary, cidrType } from './library/cidr.ts';
import { conversionLibrary } from './library/conversions.ts';
import { formatLibrary, formatType } from './library/formats.ts';
import { imageLibrary, imageType } from './library/image.ts';
import { ipLibrary, ipType } from './library/ip.ts';
import { jsonPatchLibrary } from './library/json-patch.ts';
import { listLibrary } from './library/lists.ts';
import { operatorLibrary } from './library/operators.ts';
import { optionalLibrary } from './library/optionals.ts';
import { quantityLibrary, quantityType } from './library/quantity.ts';
import { regexLibrary } from './library/regex.ts';
import { semverLibrary, semverType } from './library/semver.ts';
import { setLibrary } from './library/sets.ts';
import { standardLibrary } from './library/standard.ts';
import { stringLibrary } from './library/strings.ts';
import { urlLibrary, urlType } from './library/urls.ts';
import { standardTypeNames } from './type-names.ts';
import type { CelType } from './types.ts';

export const kubernetesFunctions: FunctionTable = functionTable([
  operatorLibrary,
  conversionLibrary,
  standardLibrary,
  optionalLibrary,
  stringLibrary,
  listLibrary,
  regexLibrary,
  setLibrary,
  urlLibrary,
  authorizerLibrary,
  quantityLibrary,
  ipLibrary,
  cidrLibrary,
  formatLibrary,
  semverLibrary,
  imageLibrary,
  jsonPatchLibrary,
]);

export const kubernetesTypeNames: ReadonlyMap<string, CelType> = standardTypeNames([
  authorizerType,
  pathCheckType,
  groupCheckType,
  resourceCheckType,
  decisionType,
  urlType,
  quantityType,
  ipType,
  cidrType,
  formatType,
  semverType,
  imageType,
]);
