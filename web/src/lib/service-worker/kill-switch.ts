/** Whether the address asks for the app without its service worker: `?sw=off`, the way out of a broken one. */
export function isSwitchedOff(location: Pick<Location, 'search'>): boolean {
  return new URLSearchParams(location.search).get('sw') === 'off';
}

/** Removes every service worker of this origin, and the app's files it has stored. What was verified and stored stays. */
export async function switchOff(
  container: Pick<ServiceWorkerContainer, 'getRegistrations'>,
  caches: Pick<CacheStorage, 'keys' | 'delete'>,
): Promise<void> {
  const registrations = await container.getRegistrations();
  await Promise.all(registrations.map((registration) => registration.unregister()));
  await Promise.all((await caches.keys()).map((name) => caches.delete(name)));
}
