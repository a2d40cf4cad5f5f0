/** What the options ask for cannot be put together; the message says why and what to change. */
export class SetupError extends Error {
  override name = 'SetupError';
}
