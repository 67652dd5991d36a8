import { mount } from 'svelte';
import App from '../App.svelte';
import { createApp } from '../lib/ui/create-app.ts';
import '../styles/all.css';
import { FakeNode } from './fake-node.ts';
import { scenarios } from './scenarios.ts';

/**
 * The app over a fake node, for looking at pages while building them:
 * `/src/testing/dev.html?scenario=mismatch&path=/p/npm/clsx@2.1.1` under `vite`; `&slow=200` delays each answer by
 * so many milliseconds, to see how pages wait. No part of the production build.
 */
const parameters = new URLSearchParams(location.search);
const options = scenarios[parameters.get('scenario') ?? 'synced'];
history.replaceState({}, '', parameters.get('path') ?? '/');

const target = document.querySelector('#app');
if (target === null) throw new Error('dev.html has no #app');

const { context, open } = createApp(window);
mount(App, { target, props: { context } });
if (options !== undefined) {
  const answerAfterMs = Number(parameters.get('slow') ?? 0);
  await open(async () => new FakeNode({ ...options, answerAfterMs }));
}
