import { afterEach, describe, expect, it, vi } from 'vitest';
import { saveFile, type SaveView } from './save-file.ts';

const blob = new Blob(['verified']);

/** A window whose save dialog writes into `written`, or refuses as told. */
function viewWithDialog(options: { cancel?: boolean; fail?: boolean } = {}) {
  const written: Blob[] = [];
  const events: string[] = [];
  const view = {
    document: {} as Document,
    setTimeout: (() => 0) as unknown as Window['setTimeout'],
    async showSaveFilePicker({ suggestedName }: { suggestedName: string }) {
      events.push(`asked for ${suggestedName}`);
      if (options.cancel === true) throw new DOMException('closed', 'AbortError');
      return {
        async createWritable() {
          if (options.fail === true) throw new Error('disk is full');
          return {
            write: async (data: Blob) => void written.push(data),
            close: async () => void events.push('closed'),
          };
        },
      };
    },
  } satisfies SaveView;
  return { view, written, events };
}

describe('saveFile with a save dialog', () => {
  it('asks first, then reads, then writes all of it', async () => {
    const { view, written, events } = viewWithDialog();
    const read = async () => {
      events.push('read');
      return blob;
    };
    expect(await saveFile('a.tgz', read, view)).toBe('saved');
    expect(events).toEqual(['asked for a.tgz', 'read', 'closed']);
    expect(written).toEqual([blob]);
  });

  it('reads nothing when the dialog is closed', async () => {
    const { view } = viewWithDialog({ cancel: true });
    const read = vi.fn<() => Promise<Blob>>(async () => blob);
    expect(await saveFile('a.tgz', read, view)).toBe('cancelled');
    expect(read).not.toHaveBeenCalled();
  });

  it('writes nothing when the bytes do not verify', async () => {
    const { view, written } = viewWithDialog();
    const read = async (): Promise<Blob> => {
      throw new Error('does not verify');
    };
    await expect(saveFile('a.tgz', read, view)).rejects.toThrow('does not verify');
    expect(written).toEqual([]);
  });

  it('says why the disk refused', async () => {
    const { view } = viewWithDialog({ fail: true });
    await expect(saveFile('a.tgz', async () => blob, view)).rejects.toMatchObject({
      code: 'E_PAGE_SAVE',
      fields: { reason: 'disk is full' },
    });
  });
});

describe('saveFile without a save dialog', () => {
  afterEach(() => vi.restoreAllMocks());

  it('downloads under the given name', async () => {
    const link = { href: '', download: '', click: vi.fn<() => void>() };
    const view: SaveView = {
      document: { createElement: () => link } as unknown as Document,
      setTimeout: (() => 0) as unknown as Window['setTimeout'],
    };
    expect(await saveFile('a.tgz', async () => blob, view)).toBe('saved');
    expect(link.download).toBe('a.tgz');
    expect(link.href).toMatch(/^blob:/);
    expect(link.click).toHaveBeenCalledOnce();
    URL.revokeObjectURL(link.href);
  });
});
