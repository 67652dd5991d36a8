/** How often a condition is looked at. */
const INTERVAL_MS = 50;

/**
 * Waits until `look` gives something other than undefined, false or null, and resolves with it. Rejects with what was waited for and,
 * if there was one, the last error, when the time is over.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false | null> | T | undefined | false | null,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let failure: unknown;
  do {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false && seen !== null) return seen;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  } while (performance.now() < deadline);
  throw new Error(`waited ${timeoutMs} ms for: ${what}`, { cause: failure });
}
