export * from 'holdfast/vue';
