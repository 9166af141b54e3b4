/** Saves what was typed once typing rests. */
export interface Autosave {
  /** The note now reads so. */
  edit(id: string, text: string): void;
  /** What is typed and not yet saved, if anything. */
  pending(id: string): string | undefined;
  /** Saves at once what is pending; resolves when it is saved, or its failure was reported. */
  flush(): Promise<void>;
  /** All that is pending, by note. */
  unsaved(): ReadonlyMap<string, string>;
  /** Drops what is pending for a note. */
  forget(id: string): void;
}

const REST_MS = 300;
const AGAIN_MS = 3_000;

/** `save` is called for one text at a time. After `failed` was told, the text is kept and saved again a little later. */
export function createAutosave(
  save: (id: string, text: string) => Promise<unknown>,
  failed: (error: unknown) => void,
): Autosave {
  const texts = new Map<string, string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let saving = Promise.resolve();

  const saveAll = async (): Promise<void> => {
    for (const [id, text] of texts) {
      try {
        await save(id, text);
        // It may have changed while it was being saved.
        if (texts.get(id) === text) texts.delete(id);
      } catch (error) {
        failed(error);
        rest(AGAIN_MS);
      }
    }
  };
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    saving = saving.then(saveAll);
    return saving;
  };
  const rest = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), ms);
  };

  return {
    edit(id, text) {
      texts.set(id, text);
      rest(REST_MS);
    },
    pending: (id) => texts.get(id),
    unsaved: () => texts,
    flush,
    forget: (id) => void texts.delete(id),
  };
}
