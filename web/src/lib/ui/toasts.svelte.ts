/** A short message at the foot of the page, with at most one thing to do about it. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly action?: { readonly label: string; run(): void };
}

/** How long a toast without an action stays. Those with an action stay until they are answered. */
const STAYS_MS = 5000;

/** The toasts shown now. */
export class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 0;

  show(text: string, offered?: Toast['action']): void {
    const id = this.#next++;
    const action = offered && {
      label: offered.label,
      run: (): void => {
        this.dismiss(id);
        offered.run();
      },
    };
    this.list = [...this.list, { id, text, ...(action === undefined ? {} : { action }) }];
    if (action === undefined) setTimeout(() => this.dismiss(id), STAYS_MS);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
