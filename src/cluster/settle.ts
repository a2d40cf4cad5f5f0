/**
 * So many turns of the event loop without anything under way count as rest: the server tells watchers a turn after it
 * answered, and a reader passes on what it read a turn later.
 */
const restTurns = 6;

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Resolves when everything that can happen without time passing has happened. */
export async function settle(isIdle: () => boolean): Promise<void> {
  for (let turns = 0; turns < restTurns; turns = isIdle() ? turns + 1 : 0) await turn();
}
