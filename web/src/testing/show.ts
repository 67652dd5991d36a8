import { onTestFinished } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import App from '../App.svelte';
import { createApp, type App as RunningApp } from '../lib/ui/create-app.ts';
import '../styles/all.css';
import { FakeNode, type FakeNodeOptions } from './fake-node.ts';

/** A page on show in a test. */
export interface Shown extends RunningApp {
  readonly node: FakeNode;
}

/** How a page is shown. */
export interface ShowOptions {
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
  /** Leaves the app as it is before the node has been loaded. */
  readonly withoutNode?: boolean;
}

/** Text of the first element that matches, or '' while there is none: for `expect.poll`. */
export function textOf(selector: string): string {
  return document.querySelector(selector)?.textContent ?? '';
}

/** Shows the app at an address over a fake node, and takes it down when the test has ended. */
export async function show(
  path: string,
  options: FakeNodeOptions = {},
  how: ShowOptions = {},
): Promise<Shown> {
  await page.viewport(how.width ?? 1280, 800);
  history.replaceState({}, '', path);
  localStorage.setItem('assay.theme', how.theme ?? 'light');
  const app = createApp(window);
  onTestFinished(() => app.stop());
  const node = new FakeNode(options);
  render(App, { props: { context: app.context } });
  if (how.withoutNode !== true) await app.open(async () => node);
  return { ...app, node };
}
