export * from './core/index.ts';
export {
  type MemoryBacking,
  type MemoryStoreOptions,
  memoryBacking,
  memoryStore,
} from './stores/memory/index.ts';
