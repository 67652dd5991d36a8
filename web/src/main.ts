import { mount } from 'svelte';
import App from './App.svelte';
import { createApp } from './lib/ui/create-app.ts';
import './styles/all.css';

const target = document.querySelector('#app');
if (target === null) throw new Error('index.html has no #app');

const { context } = createApp(window);
mount(App, { target, props: { context } });

/** The node brings libp2p along, so it is fetched only when the first paint is done. */
requestAnimationFrame(() => {
  setTimeout(() => {
    void context.node.connect(async () => {
      const { openNode } = await import('./lib/node/open-node.ts');
      return openNode();
    });
  });
});
