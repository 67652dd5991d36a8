/** Something of the browser that the node uses. */
export interface Capability {
  readonly name: string;
  /** What it is for, and for an optional one what is missing without it. */
  readonly use: string;
  /** Nothing can be checked without a required one. */
  readonly required: boolean;
  readonly present: boolean;
}

/** What this browser has of all the node uses. */
export function capabilities(view: Window & typeof globalThis): readonly Capability[] {
  const { navigator } = view;
  return [
    need(
      'Secure context',
      'Cryptography is only offered to pages over https or from this machine.',
      view.isSecureContext,
    ),
    need('WebCrypto', 'Checks signatures and digests.', view.crypto?.subtle !== undefined),
    need('IndexedDB', 'Keeps the log and the artifacts.', 'indexedDB' in view),
    need('Module workers', 'Check entries and files without holding up the page.', 'Worker' in view),
    need('Web Locks', 'See to it that one tab runs the node for all tabs.', 'locks' in navigator),
    need('DecompressionStream', 'Looks into packages.', 'DecompressionStream' in view),
    like('Service worker', 'Without it this app does not open offline.', 'serviceWorker' in navigator),
    like(
      'WebRTC',
      'Without it other tabs cannot be reached; mirrors still can.',
      'RTCPeerConnection' in view,
    ),
    like('Save dialog', 'Without it files go into the downloads folder.', 'showSaveFilePicker' in view),
    like(
      'Persistent storage',
      'Without it the browser may delete what is stored.',
      navigator.storage?.persist !== undefined,
    ),
  ];
}

/** The required capabilities that are not there; empty in every current browser. */
export function missingCapabilities(view: Window & typeof globalThis): readonly Capability[] {
  return capabilities(view).filter((capability) => capability.required && !capability.present);
}

function need(name: string, use: string, present: boolean): Capability {
  return { name, use, required: true, present };
}

function like(name: string, use: string, present: boolean): Capability {
  return { name, use, required: false, present };
}
