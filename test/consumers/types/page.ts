/** Every entry that a page or a test of one imports. */
export * as core from 'holdfast';
export * as browser from 'holdfast/browser';
export * as comlink from 'holdfast/comlink';
export * as cron from 'holdfast/cron';
export * as edge from 'holdfast/edge';
export * as indexeddb from 'holdfast/indexeddb';
export * as react from 'holdfast/react';
export * as requests from 'holdfast/requests';
export * as serviceWorker from 'holdfast/service-worker';
export * as solid from 'holdfast/solid';
export * as store from 'holdfast/store';
export * as svelte from 'holdfast/svelte';
export * as testing from 'holdfast/testing';
export * as vue from 'holdfast/vue';
export * as work from 'holdfast/work';
export * as workbox from 'holdfast/workbox';
