import type { Container, Pod } from '../../api/types/core.v1.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { Clock } from '../../machinery/clock.ts';
import { formatDurationMs } from '../../machinery/duration.ts';
import { quote } from '../../machinery/quote.ts';
import type { ImageService, PodSandboxConfig } from '../contract.ts';
import { imageSpecOf } from './configs.ts';
import { Backoff } from './backoff.ts';
import { containerReference } from './pod-names.ts';
import { messageOf, StartFailure } from './start-failure.ts';

/** Upstream's `MaxImageBackOff` and its base. */
const baseBackoffMs = 10_000;
const maxBackoffMs = 300_000;

/** Makes sure that images are there, by their containers' pull policies. */
export class ImagePuller {
  readonly #images: ImageService;
  readonly #events: EventRecorder;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  /** Why the last pull failed, by Pod and image. */
  readonly #lastErrors = new Map<string, string>();

  constructor(images: ImageService, events: EventRecorder, clock: Clock) {
    this.#images = images;
    this.#events = events;
    this.#clock = clock;
    this.#backoff = new Backoff(clock, baseBackoffMs, maxBackoffMs);
  }

  /** Resolves with what a container is made of. Throws a StartFailure. */
  async ensure(pod: Pod, container: Container, sandbox: PodSandboxConfig, signal: AbortSignal): Promise<string> {
    const { image = '', imagePullPolicy = 'IfNotPresent' } = container;
    const reference = containerReference(pod, container);
    const present = await this.#images.imageStatus(imageSpecOf(pod, image), signal);
    if (present !== undefined && imagePullPolicy !== 'Always') {
      const text = `Container image ${quote(image)} already present on machine and can be accessed by the pod`;
      this.#events.eventOf(reference, 'Normal', 'Pulled', text);
      return present.id;
    }
    if (imagePullPolicy === 'Never') {
      const text = `Container image ${quote(image)} is not present with pull policy of Never`;
      this.#events.eventOf(reference, 'Warning', 'ErrImageNeverPull', text);
      throw new StartFailure('ErrImageNeverPull', text);
    }
    return this.#pull(pod, container, image, sandbox, signal);
  }

  async #pull(
    pod: Pod,
    container: Container,
    image: string,
    sandbox: PodSandboxConfig,
    signal: AbortSignal,
  ): Promise<string> {
    const reference = containerReference(pod, container);
    const key = `${pod.metadata.uid}_${image}`;
    this.#checkBackoff(pod, container, key, image);
    this.#events.eventOf(reference, 'Normal', 'Pulling', `Pulling image ${quote(image)}`);
    const startMs = this.#clock.monotonicMs();
    let id: string;
    try {
      id = await this.#images.pullImage(imageSpecOf(pod, image), undefined, sandbox, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const message = messageOf(error);
      this.#events.eventOf(reference, 'Warning', 'Failed', `Failed to pull image ${quote(image)}: ${message}`);
      this.#backoff.next(key, this.#clock.now());
      this.#lastErrors.set(key, `ErrImagePull: ${message}`);
      throw new StartFailure('ErrImagePull', message);
    }
    this.#lastErrors.delete(key);
    const took = formatDurationMs(Math.trunc(this.#clock.monotonicMs() - startMs));
    const size = (await this.#images.imageStatus(imageSpecOf(pod, image), signal))?.size ?? 0n;
    const text = `Successfully pulled image ${quote(image)} in ${took} (${took} including waiting). Image size: ${size} bytes.`;
    this.#events.eventOf(reference, 'Normal', 'Pulled', text);
    return id;
  }

  #checkBackoff(pod: Pod, container: Container, key: string, image: string): void {
    const nowMs = this.#clock.now();
    const remainingMs = this.#backoff.untilMs(key) - nowMs;
    if (remainingMs <= 0) return;
    const text = `Back-off pulling image ${quote(image)}`;
    this.#events.eventOf(containerReference(pod, container), 'Normal', 'BackOff', text);
    const last = this.#lastErrors.get(key);
    throw new StartFailure('ImagePullBackOff', last === undefined ? text : `${text}: ${last}`, remainingMs);
  }

  /** The Pod is gone. */
  forget(podUid: string): void {
    for (const key of this.#lastErrors.keys()) if (key.startsWith(`${podUid}_`)) this.#lastErrors.delete(key);
    this.#backoff.forget((key) => key.startsWith(`${podUid}_`));
  }
}
