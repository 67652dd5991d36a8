/** A drawing of strokes on a 16 × 16 grid. `dashed` breaks the first stroke, the outline. */
export interface Drawing {
  readonly strokes: readonly string[];
  readonly dashed?: boolean;
}

const circle = 'M8 1.2a6.8 6.8 0 1 1 0 13.6A6.8 6.8 0 0 1 8 1.2z';

/** Every icon of the app. The five verdicts differ in outline and sign, so that colour is never needed to tell them apart. */
export const icons = {
  mark: { strokes: ['M8 1l6.1 3.5v7L8 15l-6.1-3.5v-7z', 'M5.1 8.2l2 2 3.8-4.2'] },

  verified: { strokes: [circle, 'M4.9 8.3l2.1 2.1 4.1-4.6'] },
  'verified-stale': { strokes: ['M8 1.6l6.9 12.3H1.1z', 'M8 6.2v3.6', 'M8 11.9v.1'] },
  'not-in-log': {
    strokes: ['M3.4 1.8h9.2q1.6 0 1.6 1.6v9.2q0 1.6-1.6 1.6H3.4q-1.6 0-1.6-1.6V3.4q0-1.6 1.6-1.6z', 'M5 8h6'],
  },
  mismatch: {
    strokes: ['M5.2 1.2h5.6l4 4v5.6l-4 4H5.2l-4-4V5.2z', 'M5.6 5.6l4.8 4.8', 'M10.4 5.6l-4.8 4.8'],
  },
  'could-not-check': {
    strokes: [circle, 'M6.1 6.2q.2-1.7 1.9-1.7t1.9 1.6q0 1-1.1 1.6-.8.5-.8 1.4', 'M8 11.4v.1'],
    dashed: true,
  },
  pending: { strokes: [circle], dashed: true },

  archive: { strokes: ['M2 2.5h12v3H2z', 'M3 5.5v8h10v-8', 'M6.5 8.5h3'] },
  check: { strokes: ['M3 8.5l3.2 3.2L13 4.6'] },
  chevron: { strokes: ['M6 3.5l4.5 4.5L6 12.5'] },
  close: { strokes: ['M3.8 3.8l8.4 8.4', 'M12.2 3.8l-8.4 8.4'] },
  copy: { strokes: ['M5.5 5.5h8v8h-8z', 'M10.5 5.5v-3h-8v8h3'] },
  download: { strokes: ['M8 2v8.5', 'M4.5 7.2L8 10.7l3.5-3.5', 'M2.5 13.5h11'] },
  file: { strokes: ['M3.5 1.5h6l3 3v10h-9z', 'M9.5 1.5v3h3'] },
  search: { strokes: ['M7 2a5 5 0 1 1 0 10A5 5 0 0 1 7 2z', 'M10.8 10.8L14 14'] },
} as const satisfies Readonly<Record<string, Drawing>>;

export type IconName = keyof typeof icons;
