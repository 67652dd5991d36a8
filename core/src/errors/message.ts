/** What a person is told about one error code. The sentences may name fields of the error as `{field}`. */
export interface Message {
  /** What happened, in one sentence with the particulars. */
  readonly happened: string;
  /** What that means for the reader. */
  readonly means: string;
  /** What the reader can do now. */
  readonly remedy: string;
  /** Anchor on the help page. */
  readonly help: string;
}

/** The messages of one area of the project, by error code. */
export type Messages = Readonly<Record<`E_${string}`, Message>>;

/** A sentence of a message with its fields filled in; the name of a field that was not given stays. */
export function fillIn(sentence: string, fields: Readonly<Record<string, string | number>>): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) =>
    Object.hasOwn(fields, name) ? String(fields[name]) : placeholder,
  );
}
