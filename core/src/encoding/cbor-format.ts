/** The major types of RFC 8949 §3.1. */
export const MajorType = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;

/** Values of the low five bits of an item's first byte that announce 1, 2, 4 or 8 bytes of argument. */
export const HeadWidth = { one: 24, two: 25, four: 26, eight: 27 } as const;

/** The low five bits of an indefinite-length item. */
export const INDEFINITE = 31;

/** The simple values of RFC 8949 §3.3 that are used here. */
export const SimpleValue = { false: 20, true: 21, null: 22 } as const;
