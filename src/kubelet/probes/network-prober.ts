import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { Container, HTTPGetAction, Probe } from '../../api/types/core.v1.ts';
import { gitVersion } from '../../machinery/version.ts';
import type { ProbeResult, ProbeType, RuntimeService } from '../contract.ts';
import { RuntimeError } from '../contract.ts';
import type { Prober, ProbeTarget } from './contract.ts';

/** Upstream's bound on what of an answer is shown. */
const maxOutputBytes = 10 * 1024;

/** The number of a port that a probe or hook names. Throws when the container has no port of that name. */
export function portOf(port: number | string, { ports }: Container): number {
  if (typeof port === 'number') return port;
  if (/^\d+$/.test(port)) return Number(port);
  const found = ports?.find(({ name }) => name === port)?.containerPort;
  if (found === undefined) throw new Error(`couldn't find port by name: "${port}"`);
  return found;
}

interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Certificates are not verified, as upstream's are not: a probe asks whether anybody answers. */
export function httpGet(
  { path = '', scheme = 'HTTP', host = '', httpHeaders, port }: HTTPGetAction,
  podIP: string,
  container: Container,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const headers: Record<string, string> = { 'user-agent': `kube-probe/${gitVersion}`, accept: '*/*' };
  for (const { name, value } of httpHeaders ?? []) headers[name.toLowerCase()] = value;
  const options = {
    host: host === '' ? podIP : host,
    port: portOf(port, container),
    path: path.startsWith('/') ? path : `/${path}`,
    headers,
    signal,
    agent: false,
  };
  return new Promise((resolve, reject) => {
    const answered = (response: http.IncomingMessage): void => {
      let body = '';
      response.on('data', (piece: Buffer) => {
        if (body.length < maxOutputBytes) body += piece.toString('utf8');
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: body.slice(0, maxOutputBytes) }));
      response.on('error', reject);
    };
    const request =
      scheme === 'HTTPS' ? https.get({ ...options, rejectUnauthorized: false }, answered) : http.get(options, answered);
    request.on('error', reject);
  });
}

/** Asks real containers: by a command in them, or over the network. */
export class NetworkProber implements Prober {
  readonly #runtime: RuntimeService;

  constructor(runtime: RuntimeService) {
    this.#runtime = runtime;
  }

  async probe(
    _type: ProbeType,
    target: ProbeTarget,
    container: Container,
    probe: Probe,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    if (probe.exec !== undefined) return this.#exec(target, probe, signal);
    try {
      if (probe.httpGet !== undefined) return await this.#http(probe.httpGet, target, container, bounded);
      if (probe.tcpSocket !== undefined) {
        const { host = '', port } = probe.tcpSocket;
        await connect(host === '' ? target.podIP : host, portOf(port, container), bounded);
        return { result: 'success', output: '' };
      }
    } catch (error) {
      if (signal.aborted) throw error;
      return { result: 'failure', output: error instanceof Error ? error.message : String(error) };
    }
    throw new Error('probes over gRPC are not implemented yet');
  }

  async #exec({ containerId }: ProbeTarget, probe: Probe, signal: AbortSignal): Promise<ProbeResult> {
    const command = probe.exec?.command ?? [];
    try {
      const answer = await this.#runtime.execSync(containerId, command, probe.timeoutSeconds ?? 1, signal);
      const output = Buffer.concat([answer.stdout, answer.stderr]).subarray(0, maxOutputBytes).toString('utf8');
      return { result: answer.exitCode === 0 ? 'success' : 'failure', output };
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.code !== 'DeadlineExceeded') throw error;
      return { result: 'failure', output: `command timed out: "${command.join(' ')}" timed out` };
    }
  }

  async #http(
    action: HTTPGetAction,
    { podIP }: ProbeTarget,
    container: Container,
    signal: AbortSignal,
  ): Promise<ProbeResult> {
    const { status, body } = await httpGet(action, podIP, container, signal);
    // A redirect is followed by no probe of ours; upstream warns of one that leads elsewhere, and counts it as success.
    if (status >= 200 && status < 300) return { result: 'success', output: body };
    if (status >= 300 && status < 400) return { result: 'warning', output: body };
    return { result: 'failure', output: `HTTP probe failed with statuscode: ${status}` };
  }
}

function connect(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
