/**
 * What names may look like. Each function returns the sentences that say what is wrong with a name, none when it is
 * right, word for word as upstream's `k8s.io/apimachinery/pkg/util/validation`; a validator wraps each in a field error.
 */

export type NameRule = (value: string) => string[];

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain1123 = `${label1123}(\\.${label1123})*`;
const label1123WithUnderscore = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const subdomain1123WithUnderscore = `${label1123WithUnderscore}(\\.${label1123WithUnderscore})*`;
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const wildcardSubdomain = `\\*\\.${subdomain1123}`;
const labelKeyName = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValueForm = `(${labelKeyName})?`;
const cIdentifier = '[A-Za-z_][A-Za-z0-9_]*';
const percent = '[0-9]+%';
const headerName = '[-A-Za-z0-9]+';
const environmentName = '[-._a-zA-Z][-._a-zA-Z0-9]*';
const configKey = '[-._a-zA-Z0-9]+';

export const maxLabelLength = 63;
export const maxSubdomainLength = 253;
const maxPortNameLength = 15;

const whole = (form: string): RegExp => new RegExp(`^${form}$`);
const label1123Pattern = whole(label1123);
const subdomain1123Pattern = whole(subdomain1123);
const labelKeyPattern = whole(labelKeyName);

/** Longer than so many bytes of UTF-8. */
function isLonger(value: string, maxBytes: number): boolean {
  // A UTF-16 unit is at most three bytes: most values need not be counted.
  if (value.length * 3 <= maxBytes) return false;
  return value.length > maxBytes || Buffer.byteLength(value) > maxBytes;
}

/** Upstream counts bytes everywhere, but names the unit differently for labels than for the rest. */
const noMoreThan = (length: number, unit: 'characters' | 'bytes' = 'characters'): string =>
  `must be no more than ${length} ${unit}`;

/** The sentence for a value that a regular expression refuses. */
export function formError(sentence: string, form: string, ...examples: readonly string[]): string {
  const start = examples.map((example) => `'${example}', `).join(' or ');
  return `${sentence} (${examples.length === 0 ? '' : `e.g. ${start}`}regex used for validation is '${form}')`;
}

export function rangeError(min: number, max: number): string {
  return `must be between ${min} and ${max}, inclusive`;
}

const label1123Error = formError(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  label1123,
  'my-name',
  '123-abc',
);
const subdomain1123Error = formError(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomain1123,
  'example.com',
);
const labelKeyError = formError(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  labelKeyName,
  'MyName',
  'my.name',
  '123-abc',
);

/** A rule that is one regular expression and perhaps a length. */
function ruleOf(
  form: string,
  error: string,
  maxLength = Infinity,
  unit: 'characters' | 'bytes' = 'characters',
): NameRule {
  const pattern = whole(form);
  return (value) => {
    const errors: string[] = [];
    if (isLonger(value, maxLength)) errors.push(noMoreThan(maxLength, unit));
    if (!pattern.test(value)) errors.push(error);
    return errors;
  };
}

/** A label in DNS (RFC 1123): the names of namespaces and containers. */
export const isDNS1123Label: NameRule = (value) => {
  const errors: string[] = [];
  if (isLonger(value, maxLabelLength)) errors.push(noMoreThan(maxLabelLength));
  if (!label1123Pattern.test(value)) {
    errors.push(subdomain1123Pattern.test(value) ? 'must not contain dots' : label1123Error);
  }
  return errors;
};

/** A subdomain in DNS (RFC 1123): the names of most objects. */
export const isDNS1123Subdomain: NameRule = ruleOf(subdomain1123, subdomain1123Error, maxSubdomainLength);

/** A subdomain whose labels may hold underscores: names in a pod's DNS search path. */
export const isDNS1123SubdomainWithUnderscore: NameRule = ruleOf(
  subdomain1123WithUnderscore,
  formError(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
    subdomain1123WithUnderscore,
    'example.com',
  ),
  maxSubdomainLength,
);

/** A label in DNS (RFC 1035), which starts with a letter: the names of services of old. */
export const isDNS1035Label: NameRule = ruleOf(
  label1035,
  formError(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    label1035,
    'my-name',
    'abc-123',
  ),
  maxLabelLength,
);

/** A subdomain under `*.` (RFC 1034, section 4.3.3): the hosts of an ingress. */
export const isWildcardDNS1123Subdomain: NameRule = ruleOf(
  wildcardSubdomain,
  formError(
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    wildcardSubdomain,
    '*.example.com',
  ),
  maxSubdomainLength,
);

/** `name` or `prefix.example.com/name`: keys of labels and annotations, finalizers, names of resources. */
export const isQualifiedName: NameRule = (value) => {
  const slash = value.indexOf('/');
  if (slash >= 0 && value.indexOf('/', slash + 1) >= 0) {
    return [
      `a valid label key ${labelKeyError} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const errors: string[] = [];
  if (slash === 0) errors.push('prefix part must be non-empty');
  if (slash > 0) {
    const prefix = value.slice(0, slash);
    if (isLonger(prefix, maxSubdomainLength)) errors.push(`prefix part ${noMoreThan(maxSubdomainLength, 'bytes')}`);
    if (!subdomain1123Pattern.test(prefix)) errors.push(`prefix part ${subdomain1123Error}`);
  }
  const name = slash < 0 ? value : value.slice(slash + 1);
  if (name === '') errors.push('name part must be non-empty');
  else if (isLonger(name, maxLabelLength)) errors.push(`name part ${noMoreThan(maxLabelLength, 'bytes')}`);
  if (!labelKeyPattern.test(name)) errors.push(`name part ${labelKeyError}`);
  return errors;
};

/** The value of a label; it may be empty. */
export const isLabelValue: NameRule = ruleOf(
  labelValueForm,
  formError(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    labelValueForm,
    'MyValue',
    'my_value',
    '12345',
  ),
  maxLabelLength,
  'bytes',
);

export const isCIdentifier: NameRule = ruleOf(
  cIdentifier,
  formError(
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
    cIdentifier,
    'my_name',
    'MY_NAME',
    'MyName',
  ),
);

export const isPercent: NameRule = ruleOf(
  percent,
  formError("a valid percent string must be a numeric string followed by an ending '%'", percent, '1%', '93%'),
);

export const isHTTPHeaderName: NameRule = ruleOf(
  headerName,
  formError("a valid HTTP header must consist of alphanumeric characters or '-'", headerName, 'X-Header-Name'),
);

/** The name of a port: an IANA service name (RFC 6335), in lower case. */
export const isPortName: NameRule = (value) => {
  const errors: string[] = [];
  if (isLonger(value, maxPortNameLength)) errors.push(noMoreThan(maxPortNameLength));
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)');
  if (value.includes('--')) errors.push('must not contain consecutive hyphens');
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
};

/** A name that becomes a file's name must not climb out of its directory. */
function directoryErrors(value: string): string[] {
  if (value === '.' || value === '..') return [`must not be '${value}'`];
  return value.startsWith('..') ? ["must not start with '..'"] : [];
}

const environmentNameRule = ruleOf(
  environmentName,
  formError(
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
    environmentName,
    'my.env-name',
    'MY_ENV.NAME',
    'MyEnvName1',
  ),
);

/** The strict form of an environment variable's name. */
export const isEnvVarName: NameRule = (value) => [...environmentNameRule(value), ...directoryErrors(value)];

/** The form that containers accept since v1.30: any printable ASCII but `=`. */
export const isRelaxedEnvVarName: NameRule = (value) => [
  ...(value === '' ? ['environment variable name must be non-empty'] : []),
  ...(/^[ -<>-~]*$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]),
];

const configKeyRule = ruleOf(
  configKey,
  formError(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    configKey,
    'key.name',
    'KEY_NAME',
    'key-name',
  ),
  maxSubdomainLength,
);

/** A key of a ConfigMap or a Secret. */
export const isConfigMapKey: NameRule = (value) => [...configKeyRule(value), ...directoryErrors(value)];

/** The start of a name that stands in a URL's path. Neither emptiness nor length is looked at. */
export const isPathSegmentPrefix: NameRule = (value) =>
  ['/', '%'].filter((text) => value.includes(text)).map((text) => `may not contain '${text}'`);

/** A name that stands in a URL's path: roles and their bindings. Neither emptiness nor length is looked at. */
export const isPathSegmentName: NameRule = (value) =>
  value === '.' || value === '..' ? [`may not be '${value}'`] : isPathSegmentPrefix(value);

/** The port's number, or what is wrong with it. */
export function isPortNumber(port: number): string[] {
  return isInRange(port, 1, 65535);
}

export function isInRange(value: number, min: number, max: number): string[] {
  return value >= min && value <= max ? [] : [rangeError(min, max)];
}

/** The number of a Unix user or group. */
export function isUserID(id: number): string[] {
  return isInRange(id, 0, 2 ** 31 - 1);
}

/**
 * The rule for `metadata.generateName`: a trailing dash is allowed, because characters will follow it. As upstream,
 * the character before the dash is not looked at.
 */
export function asPrefix(rule: NameRule): NameRule {
  return (value) => rule(value.endsWith('-') && value.length > 1 ? `${value.slice(0, -2)}a` : value);
}
