import { mount } from 'svelte';
import Notes from './notes.svelte';

mount(Notes, { target: document.querySelector('#app') as HTMLElement });
