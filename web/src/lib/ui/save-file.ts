import { AssayError } from '@assay/core/errors/assay-error.ts';

/** The part of the File System Access API that is used; absent outside Chromium. */
interface FilePicker {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<WritableFile>;
}

interface WritableFile {
  createWritable(): Promise<{ write(data: Blob): Promise<void>; close(): Promise<void> }>;
}

/** What became of an attempt to save: the reader may close the dialog. */
export type SaveOutcome = 'saved' | 'cancelled';

/** What saving needs of the browser. */
export type SaveView = Pick<Window, 'document' | 'setTimeout'> & FilePicker;

/** How long a Blob's address is kept for the browser to begin the download. */
const KEEP_ADDRESS_MS = 60_000;

/**
 * Writes a file to the reader's disk: where they choose if the browser can ask, else into the downloads.
 * `read` gives the bytes, verified; when it rejects nothing is written.
 */
export async function saveFile(
  name: string,
  read: () => Promise<Blob>,
  view: SaveView = window,
): Promise<SaveOutcome> {
  if (view.showSaveFilePicker === undefined) {
    download(name, await read(), view);
    return 'saved';
  }
  const file = await pick(name, view);
  if (file === undefined) return 'cancelled';
  const blob = await read();
  try {
    const writable = await file.createWritable();
    await writable.write(blob);
    await writable.close();
  } catch (error) {
    throw new AssayError('E_PAGE_SAVE', { reason: reasonOf(error) }, error);
  }
  return 'saved';
}

/** The picker must be opened before the first wait: it needs the reader's click. */
async function pick(name: string, view: SaveView): Promise<WritableFile | undefined> {
  try {
    return await view.showSaveFilePicker?.({ suggestedName: name });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined;
    throw new AssayError('E_PAGE_SAVE', { reason: reasonOf(error) }, error);
  }
}

function download(name: string, blob: Blob, view: SaveView): void {
  const address = URL.createObjectURL(blob);
  const link = view.document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  view.setTimeout(() => URL.revokeObjectURL(address), KEEP_ADDRESS_MS);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
