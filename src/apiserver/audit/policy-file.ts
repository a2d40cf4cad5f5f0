/** `--audit-policy-file`: a Policy (audit.k8s.io/v1). */
import { readFile } from 'node:fs/promises';
import { decode } from '../../api/schema/decode.ts';
import { lookupType } from '../../api/schema/schema.ts';
import { parseYaml } from '../../api/schema/yaml.ts';
import type { Policy, PolicyRule } from '../../api/types/audit.v1.ts';
import { root, type FieldError, type Path } from '../../machinery/field-error.ts';
import type { Logger } from '../../machinery/logging.ts';
import { isDNS1123Subdomain } from '../../machinery/names.ts';
import { SetupError } from '../setup-error.ts';
import { auditLevels, auditStages } from './contract.ts';

const apiVersion = 'audit.k8s.io/v1';
const maxDepth = 50;

/**
 * Reads and checks the file. Unknown fields are warned of, as upstream does, for policies of other releases. Rejects with
 * SetupError that says everything that is wrong with it.
 */
export async function loadAuditPolicy(path: string, log: Logger): Promise<Policy> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new SetupError(
      `loading audit policy file: failed to read file path ${JSON.stringify(path)}: ${text(error)}`,
      {
        cause: error,
      },
    );
  }
  try {
    return decodePolicy(bytes, log);
  } catch (error) {
    throw new SetupError(`loading audit policy file: ${text(error)}: from file ${path}`, { cause: error });
  }
}

function decodePolicy(bytes: Buffer, log: Logger): Policy {
  const { value, duplicates } = parseYaml(bytes, { depth: maxDepth });
  const fields = (value ?? {}) as Record<string, unknown>;
  if (fields['kind'] !== 'Policy' || fields['apiVersion'] !== apiVersion) {
    const [kind, version] = [fields['kind'] ?? '', fields['apiVersion'] ?? ''].map((one) => JSON.stringify(one));
    throw new Error(`failed decoding: no kind ${kind} is registered for version ${version}`);
  }
  const schema = lookupType('audit.k8s.io', 'v1', 'Policy');
  if (schema === undefined) throw new Error('no schema for Policy');
  const problems = [...duplicates()];
  const policy = decode(schema, fields, {
    unknownFields: (field) => void problems.push(`unknown field ${JSON.stringify(field)}`),
  }) as object as Policy;
  if (problems.length > 0) {
    log.warning('Audit policy contains errors, falling back to lenient decoding', { errors: problems.join(', ') });
  }
  const errors = validatePolicy(policy);
  if (errors.length === 1) throw new Error(String(errors[0]));
  if (errors.length > 1) throw new Error(`[${errors.join(', ')}]`);
  if ((policy.rules ?? []).length === 0) throw new Error('loaded illegal policy with 0 rules');
  return policy;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What is wrong with a policy, in upstream's words. */
export function validatePolicy({ rules }: Policy): readonly FieldError[] {
  return (rules ?? []).flatMap((rule, index) => validateRule(rule, root('rules').index(index)));
}

function validateRule(rule: PolicyRule, path: Path): FieldError[] {
  const { level, nonResourceURLs = [], resources = [], namespaces = [], omitStages = [] } = rule;
  const errors: FieldError[] = [];
  if (level === '') errors.push(path.child('level').required());
  else if (!auditLevels.some((known) => known === level)) {
    errors.push(path.child('level').notSupported(level, auditLevels));
  }
  errors.push(...validateUrls(nonResourceURLs, path.child('nonResourceURLs')));
  for (const { group = '', resources: names = [], resourceNames = [] } of resources) {
    const at = path.child('resources');
    const problems = group === '' ? [] : isDNS1123Subdomain(group);
    if (problems.length > 0) errors.push(at.child('group').invalid(group, problems.join(',')));
    if (resourceNames.length > 0 && names.length === 0) {
      const message = 'using resourceNames requires at least one resource';
      errors.push(at.child('resourceNames').invalid(resourceNames, message));
    }
  }
  for (const [index, stage] of omitStages.entries()) {
    if (auditStages.some((known) => known === stage)) continue;
    const message = `allowed stages are ${auditStages.join(',')}`;
    errors.push(path.child('omitStages').index(index).invalid(stage, message));
  }
  if (nonResourceURLs.length > 0 && (resources.length > 0 || namespaces.length > 0)) {
    const message = 'rules cannot apply to both regular resources and non-resource URLs';
    errors.push(path.child('nonResourceURLs').invalid(nonResourceURLs, message));
  }
  return errors;
}

function validateUrls(urls: readonly string[], path: Path): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, url] of urls.entries()) {
    if (url === '*') continue;
    if (!url.startsWith('/')) {
      errors.push(path.index(index).invalid(url, "non-resource URL rules must begin with a '/' character"));
    }
    if (url.slice(0, -1).includes('*')) {
      const message = "non-resource URL wildcards '*' must be the final character of the rule";
      errors.push(path.index(index).invalid(url, message));
    }
  }
  return errors;
}
