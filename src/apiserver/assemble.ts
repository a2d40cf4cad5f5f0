/** Puts an API server together from its options. What is read from disk is under way before most of the code is loaded. */
import { hostname } from 'node:os';
import type { UserInfo } from '../api/contract.ts';
import type { Clock } from '../machinery/clock.ts';
import type { Logger } from '../machinery/logging.ts';
import type { Random } from '../machinery/random.ts';
import type { Store } from '../store/contract.ts';
import type { AdmissionConfiguration } from './admission/configuration.ts';
import { addressToAdvertise, readMachineNetwork } from './advertise-address.ts';
import { TokenFileAuthenticator } from './authentication/token-file.ts';
import type { Exchange } from './contract.ts';
import type { ServerRunOptions } from './options/options.ts';
import { loadCredentials, servingNamesOf } from './pki/credentials.ts';
import type { Credentials } from './pki/credentials.ts';
import { SetupError } from './setup-error.ts';

/** What a server takes from the world. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Called when the server can no longer be trusted and should end. */
  onFailure(error: unknown): void;
  /** Opens the store. Default: the embedded one, in the data directory. */
  openStore?(): Promise<Store>;
}

export interface AssembledServer {
  /** Serves a request of the same process in a user's name. */
  serveAs(user: UserInfo, exchange: Exchange): Promise<void>;
  /** `https://HOST:PORT`, for clients on this machine. */
  readonly url: string;
  readonly port: number;
  readonly store: Store;
  /** `/readyz` fails from now on, and requests go on being served. */
  announceShutdown(): void;
  /** Ends watches, finishes requests, closes the store. */
  close(): Promise<void>;
}

/**
 * Starts a server. Resolves when `/readyz` holds and the kubeconfig, if one is asked for, is written. Rejects, leaving
 * nothing open, with SetupError, PkiError, TokenFileError, ListenError, a StoreError, or the file system's error.
 */
export async function assembleApiServer(options: ServerRunOptions, world: Surroundings): Promise<AssembledServer> {
  const reading = readAll(options, world);
  // Awaited below: by then it may have failed already.
  reading.catch(() => {});
  const opening = world.openStore?.() ?? openEmbedded(options, world);
  opening.catch(() => {});
  const { serve } = await import('./serve.ts');
  const store = await opening;
  try {
    return await serve(options, world, { store, ...(await reading) });
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openEmbedded(options: ServerRunOptions, { clock }: Surroundings): Promise<Store> {
  const { openEmbeddedStore } = await import('../store/embedded/index.ts');
  const { historyMs, historyRevisions } = options.retention;
  return openEmbeddedStore({ directory: `${options.dataDirectory}/store`, clock, historyMs, historyRevisions });
}

/** What a server needs to know before it lets anybody in. */
export interface Admittance {
  readonly credentials: Credentials;
  readonly tokens: TokenFileAuthenticator | undefined;
  readonly advertiseAddress: string;
  readonly admissionConfiguration: AdmissionConfiguration | undefined;
}

async function readAll(options: ServerRunOptions, { clock, random, log }: Surroundings): Promise<Admittance> {
  const advertiseAddress = advertiseAddressOf(options);
  const { configFile } = options.admission;
  const [credentials, tokens, admissionConfiguration] = await Promise.all([
    loadCredentials({
      certDirectory: options.certDirectory,
      tlsFiles: options.tlsFiles,
      clientCaFile: options.clientCaFile,
      frontProxyCaFile: options.authentication.requestHeader.clientCaFile,
      servingNames: servingNamesOf({
        hostName: hostname(),
        addresses: [options.bindAddress, advertiseAddress],
        serviceRanges: options.serviceRanges,
      }),
      clock,
      random,
    }),
    options.tokenAuthFile === undefined ? undefined : TokenFileAuthenticator.load(options.tokenAuthFile),
    configFile === undefined ? undefined : readAdmissionConfiguration(configFile),
  ]);
  checkKubeconfig(options, credentials);
  for (const warning of tokens?.warnings ?? []) log.warning(warning);
  return { credentials, tokens, advertiseAddress, admissionConfiguration };
}

/** Its code is loaded where there is a file: what decodes it is much. */
async function readAdmissionConfiguration(path: string): Promise<AdmissionConfiguration> {
  const configuration = await import('./admission/configuration.ts');
  return configuration.AdmissionConfiguration.load(path);
}

function advertiseAddressOf(options: ServerRunOptions): string {
  if (options.advertiseAddress !== undefined) return options.advertiseAddress;
  return addressToAdvertise(options.bindAddress, options.serviceRanges[0]?.family ?? 4, readMachineNetwork());
}

function checkKubeconfig(options: ServerRunOptions, { admin }: Credentials): void {
  if (options.writeKubeconfig === undefined || admin !== undefined) return;
  throw new SetupError(
    `--write-kubeconfig needs an administrator's certificate, and --client-ca-file=${options.clientCaFile} believes only ` +
      `those of other authorities than ${options.certDirectory}/ca.crt: add that authority to the file, or leave one of the flags out`,
  );
}
