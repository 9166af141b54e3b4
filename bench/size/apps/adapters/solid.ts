export * from 'holdfast/solid';
