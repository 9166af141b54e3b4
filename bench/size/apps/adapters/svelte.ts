export * from 'holdfast/svelte';
