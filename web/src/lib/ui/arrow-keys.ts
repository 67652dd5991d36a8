import type { Attachment } from 'svelte/attachments';

/** Lets the up and down arrows, Home and End move between the links of a list. */
export const arrowKeys: Attachment<HTMLElement> = (list) => {
  const move = (event: KeyboardEvent): void => {
    const links = [...list.querySelectorAll<HTMLElement>('a[data-item]')];
    const at = links.findIndex((link) => link === event.target);
    const to = target(event.key, at, links.length);
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    if (to < 0) document.querySelector<HTMLElement>('input[type="search"]')?.focus();
    else links[to]?.focus();
  };
  list.addEventListener('keydown', move);
  return () => list.removeEventListener('keydown', move);
};

/** Where a key leads from position `at`; -1 is the search field above the list. */
function target(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(at + 1, count - 1);
    case 'ArrowUp':
      return at - 1;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

/** Moves focus from a search field to the first item of the results, when there is one. */
export function enterResults(): void {
  document.querySelector<HTMLElement>('a[data-item]')?.focus();
}
