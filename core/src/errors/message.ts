/**
 * What a person is told about one error code. `happened` may name fields as `{field}`; the other parts are
 * fixed sentences. `help` names the section of the help page that explains more.
 */
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
