// What the benchmark uses of its peers, which only `npm run bench` installs.

declare module 'agents/queue' {
  export class Queue<Payload> {
    constructor(options: { callbacks: { work: (payload: Payload) => Promise<void> } });
    get(id: string): Promise<unknown>;
    push(callback: 'work', payload: Payload, options?: { id?: string }): Promise<unknown>;
  }
}

declare module 'agents/lifecycle' {
  export class Lifecycle {
    static install(host: object): Lifecycle;
    use(capability: object): this;
  }
}

declare module 'effect/Effect' {
  export interface Effect<Value> {
    readonly value: Value;
  }
  export function promise<Value>(run: () => Promise<Value>): Effect<Value>;
  export function forever(effect: Effect<unknown>): Effect<never>;
  export function forEach<Item>(
    items: readonly Item[],
    run: (item: Item) => Effect<unknown>,
    options: { discard: true },
  ): Effect<void>;
  export function all(
    effects: readonly Effect<unknown>[],
    options: { concurrency: 'unbounded'; discard: true },
  ): Effect<void>;
}

declare module 'effect/Layer' {
  export interface Layer {
    pipe(...steps: ((layer: Layer) => Layer)[]): Layer;
  }
  export function provide(layer: Layer): (to: Layer) => Layer;
}

declare module 'effect/ManagedRuntime' {
  import type { Effect } from 'effect/Effect';
  import type { Layer } from 'effect/Layer';

  export interface ManagedRuntime {
    runPromise<Value>(effect: Effect<Value>, options?: { signal: AbortSignal }): Promise<Value>;
  }
  export function make(layer: Layer): ManagedRuntime;
}

declare module 'effect/Schema' {
  export interface Schema {
    readonly schema: true;
  }
  export const Any: Schema;
}

declare module 'effect/persistence/PersistedQueue' {
  import type { Effect } from 'effect/Effect';
  import type { Layer } from 'effect/Layer';
  import type { Schema } from 'effect/Schema';

  export interface PersistedQueue<Value> {
    offer(value: Value, options?: { id?: string }): Effect<string>;
    take(handle: (value: Value) => Effect<void>): Effect<void>;
  }
  export function make<Value>(options: { name: string; schema: Schema }): Effect<PersistedQueue<Value>>;
  export const layer: Layer;
  export function layerStoreSql(): Layer;
}

declare module '@effect/sql-sqlite-do/SqliteClient' {
  import type { Layer } from 'effect/Layer';

  export function layer(options: { storage: DurableObjectStorage; db: SqlStorage }): Layer;
}
