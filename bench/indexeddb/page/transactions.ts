const begin = IDBDatabase.prototype.transaction;
let begun = 0;

IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...given: Parameters<typeof begin>) {
  begun += 1;
  return begin.apply(this, given);
};

/** IndexedDB transactions begun in this page since it was opened, by whatever library. */
export const transactionsBegun = (): number => begun;
