// biome-ignore lint/suspicious/noConfusingVoidType: it is what handlers return that return nothing.
type Primitive = string | number | boolean | bigint | null | undefined | void;

/** The platform's, which is not everywhere the compiler's. */
interface BlobLike {
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  text(): Promise<string>;
}

interface TypedArrayLike {
  readonly BYTES_PER_ELEMENT: number;
  readonly byteLength: number;
}

/**
 * What a type has to be so that a store can keep its values: JSON, undefined, bigint, Date, Map, Set, ArrayBuffer, typed arrays, Blob and File. For
 * any other type it is one that shows which part a store cannot keep, and why, so that nothing can be assigned to it. An instance of a class is known by its
 * methods and private fields; one that has neither is what an object of its fields is. For generic functions around `job`.
 *
 * @example
 * const pushOf = <Payload extends Storable<Payload>>() => job<Payload>({ maxAttempts: 3 });
 */
export type Storable<Type> = [Type] extends [Kept<Type>]
  ? unknown
  : { readonly 'a store cannot keep': Unkept<Type> };

/** The parts that cannot be kept, and why. */
type Unkept<Type> = Type extends object
  ? Kept<Type> extends string
    ? Kept<Type>
    : {
        readonly [Key in keyof Type as [Type[Key]] extends [Kept<Type[Key]>] ? never : Key]: Unkept<
          Type[Key]
        >;
      }
  : Kept<Type>;

/** The type as it is kept: in the place of what cannot be stands a text that says why. */
type Kept<Type> = unknown extends Type ? Type : KeptEach<Type>;

type KeptEach<Type> = Type extends Primitive | Date | ArrayBuffer | TypedArrayLike | BlobLike
  ? Type
  : Type extends symbol
    ? 'a symbol'
    : Type extends ((...args: never[]) => unknown) | (abstract new (...args: never[]) => unknown)
      ? 'a function or a method'
      : Type extends PromiseLike<unknown>
        ? 'a promise: await it'
        : Type extends readonly unknown[]
          ? { readonly [Index in keyof Type]: Kept<Type[Index]> }
          : Type extends ReadonlyMap<infer Key, infer Value>
            ? ReadonlyMap<Kept<Key>, Kept<Value>>
            : Type extends ReadonlySet<infer Item>
              ? ReadonlySet<Kept<Item>>
              : { readonly [Key in keyof Type]: Type[Key] } extends Type
                ? { readonly [Key in keyof Type as Key extends symbol ? never : Key]: Kept<Type[Key]> }
                : 'an instance of a class with private fields';
