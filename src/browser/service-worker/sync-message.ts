import { InvalidOptionError } from '../../core/index.ts';

/** What a page posts to the service worker where the browser has no Background Sync, or refuses it. */
export interface SyncMessage {
  readonly holdfast: 'sync';
  readonly tag: string;
  /** There is reason to hope that targets can be reached again. */
  readonly lift: boolean;
}

/** The tag of a queue by its name, or one that was given. */
export function tagOf(target: string | { readonly name: string }): string {
  const tag: unknown = typeof target === 'string' ? target : `holdfast:${Object(target).name}`;
  if (tag === '' || tag === 'holdfast:undefined')
    throw new InvalidOptionError('queue', target, 'a queue or the tag of a sync');
  return tag as string;
}

/** Anything of the origin may post messages: another tag's, another library's. */
export function isFor(message: unknown, kind: string, tag: string): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const given = message as Partial<Record<string, unknown>>;
  return given.holdfast === kind && given.tag === tag;
}
