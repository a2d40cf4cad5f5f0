/** Names and addresses of a Pod: DNS, host names, ports of the node. */
import type { FieldError, Path } from '../../../machinery/field-error.ts';
import { isDNS1123SubdomainWithUnderscore } from '../../../machinery/names.ts';
import { validateIPForLegacyField } from '../../../machinery/network-validation.ts';
import type { HostAlias, PodDNSConfig, PodSpec } from '../../types/core.v1.ts';
import { addInvalid, checkDNSLabel, checkDNSSubdomain, hasItems, listOf, type Maybe } from '../../field-rules.ts';
import type { PodOptions } from './pod-options.ts';

const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
/** What the resolvers of C libraries bear. */
const maxNameservers = 3;
const maxSearches = 32;
const maxSearchCharacters = 2048;

export function checkDNSPolicy(errors: FieldError[], path: Path, policy: string | undefined): void {
  if (policy === 'ClusterFirst') return;
  if (!policy) errors.push(path.required());
  else if (!dnsPolicies.includes(policy)) errors.push(path.notSupported(policy, dnsPolicies));
}

export function checkDNSConfig(errors: FieldError[], path: Path, spec: PodSpec, options: PodOptions): void {
  const config = spec.dnsConfig;
  if (spec.dnsPolicy === 'None') {
    if (!config) {
      errors.push(path.required('must provide `dnsConfig` when `dnsPolicy` is None'));
      return;
    }
    if (!hasItems(config.nameservers)) {
      const rule = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      errors.push(path.child('nameservers').required(rule));
      return;
    }
  }
  if (config) checkDNSFields(errors, path, config, options);
}

function checkDNSFields(errors: FieldError[], path: Path, config: PodDNSConfig, options: PodOptions): void {
  const nameservers = listOf(config.nameservers);
  const searches = listOf(config.searches);
  if (nameservers.length > maxNameservers) {
    const rule = `must not have more than ${maxNameservers} nameservers`;
    errors.push(path.child('nameservers').invalid(nameservers, rule));
  }
  for (const [index, address] of nameservers.entries()) {
    checkAddress(errors, path.child('nameservers').index(index), address, options.oldNameservers);
  }
  const at = path.child('searches');
  if (searches.length > maxSearches) {
    errors.push(at.invalid(searches, `must not have more than ${maxSearches} search paths`));
  }
  if (searches.join(' ').length > maxSearchCharacters) {
    const rule = `must not have more than ${maxSearchCharacters} characters (including spaces) in the search list`;
    errors.push(at.invalid(searches, rule));
  }
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue;
    const name = search.endsWith('.') ? search.slice(0, -1) : search;
    addInvalid(errors, at.index(index), name, isDNS1123SubdomainWithUnderscore(name));
  }
  for (const [index, { name }] of listOf(config.options).entries()) {
    if (!name) errors.push(path.child('options').index(index).required('must not be empty'));
  }
}

function checkAddress(errors: FieldError[], path: Path, address: string, old: readonly string[] | undefined): void {
  errors.push(...validateIPForLegacyField(path, address, { strict: true, oldValues: old ?? [] }));
}

export function checkHostAliases(
  errors: FieldError[],
  path: Path,
  aliases: Maybe<HostAlias>,
  options: PodOptions,
): void {
  for (const [index, { ip = '', hostnames }] of listOf(aliases).entries()) {
    checkAddress(errors, path.index(index).child('ip'), ip, options.oldHostAliases);
    for (const [position, name] of listOf(hostnames).entries()) {
      checkDNSSubdomain(errors, path.index(index).child('hostnames').index(position), name);
    }
  }
}

/** On the node's network a port of the Pod is a port of the node. A template may leave it to the Pod's defaults. */
export function checkHostNetworkPorts(errors: FieldError[], path: Path, spec: PodSpec, options: PodOptions): void {
  if (spec.hostNetwork !== true) return;
  for (const [index, { ports }] of listOf(spec.containers).entries()) {
    for (const [position, { hostPort = 0, containerPort = 0 }] of listOf(ports).entries()) {
      if (hostPort === containerPort || (options.isPod !== true && hostPort === 0)) continue;
      const at = path.child('containers').index(index).child('ports').index(position).child('hostPort');
      errors.push(at.invalid(hostPort, 'must match `containerPort` when `hostNetwork` is true'));
    }
  }
}

const maxHostnameLength = 64;

export function checkHostnames(errors: FieldError[], path: Path, spec: PodSpec): void {
  if (spec.hostname) checkDNSLabel(errors, path.child('hostname'), spec.hostname);
  if (spec.subdomain) checkDNSLabel(errors, path.child('subdomain'), spec.subdomain);
  const { hostnameOverride } = spec;
  if (hostnameOverride === undefined) return;
  const at = path.child('hostnameOverride');
  checkDNSSubdomain(errors, at, hostnameOverride);
  if (hostnameOverride.length > maxHostnameLength) errors.push(at.tooLong(hostnameOverride, maxHostnameLength));
  if (spec.setHostnameAsFQDN === true) {
    errors.push(at.forbidden('may not be specified when setHostnameAsFQDN is true'));
  }
  if (spec.hostNetwork === true) errors.push(at.forbidden('may not be specified when hostNetwork is true'));
}
