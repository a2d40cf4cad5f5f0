/** Clients wait no longer than this, whatever the flood. */
const maxSeconds = 32;

/**
 * How long refused clients of a priority level should wait: longer while three times as many a second are refused as that
 * allows for, and shorter again when there are fewer (upstream's rule).
 */
export class RetryAfter {
  #seconds = 1;
  #dropped = 0;
  #sinceMs = -Infinity;

  /** Counts a refusal, and says what to tell the client. */
  refuse(nowMs: number): number {
    const passedMs = nowMs - this.#sinceMs;
    if (passedMs >= this.#seconds * 1000) {
      if (this.#dropped >= 3 * this.#seconds && passedMs < 2000 * this.#seconds) {
        this.#seconds = Math.min(maxSeconds, this.#seconds + 1);
      } else if (this.#dropped < this.#seconds || passedMs >= 2000 * this.#seconds) {
        // A pause as long as several periods takes back as many steps.
        const periods = Number.isFinite(passedMs) ? Math.floor(passedMs / (this.#seconds * 1000)) : maxSeconds;
        this.#seconds = Math.max(1, this.#seconds - periods);
      }
      this.#dropped = 0;
      this.#sinceMs = nowMs;
    }
    this.#dropped++;
    return this.#seconds;
  }
}
