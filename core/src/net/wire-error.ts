/** An AssayError as plain data: what `toWire` makes and `fromWire` reads. */
export interface WireError {
  readonly code: string;
  readonly fields: Readonly<Record<string, string | number>>;
}
