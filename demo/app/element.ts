/** The element of the page with this id. Throws when it is missing or of another kind. */
export function byId<E extends Element>(id: string, kind: abstract new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} with the id ${id}`);
  return found;
}

/** A new element; text goes in as text, never as markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

/** Writes only what differs: untouched text keeps its selection, and is not announced again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** An element that has the focus when it is hidden hands it on to `heir`: it must not fall to the start of the page. */
export function setHidden(element: HTMLElement, hidden: boolean, heir?: HTMLElement): void {
  if (element.hidden === hidden) return;
  const hasFocus = hidden && element.contains(document.activeElement);
  element.hidden = hidden;
  if (hasFocus) heir?.focus();
}

/** Paints a list. When that takes away what had the focus in it, the next row's button gets it, else the one before, else `heir`. */
export function holdFocus(list: HTMLElement, heir: HTMLElement, paint: () => void): void {
  const held = document.activeElement;
  const row = [...list.children].findIndex((child) => child.contains(held));
  paint();
  if (row < 0 || (held?.isConnected && held.closest('[hidden]') === null)) return;
  const rows = [...list.children];
  const buttons = [...rows.slice(row), ...rows.slice(0, row).reverse()]
    .flatMap((each) => [...each.querySelectorAll('button')])
    .filter((button) => button.closest('[hidden]') === null);
  (buttons[0] ?? heir).focus();
}

/**
 * Makes the children of a list match the items: each keeps its element for as long as its key is there, so that focus
 * and hover survive.
 */
export function syncChildren<Item, E extends HTMLElement>(
  parent: HTMLElement,
  items: readonly Item[],
  keyOf: (item: Item) => string,
  create: (key: string) => E,
  update: (element: E, item: Item) => void,
): void {
  const old = new Map<string, E>();
  for (const child of parent.children) old.set((child as E).dataset.key ?? '', child as E);
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const element = old.get(key) ?? create(key);
    old.delete(key);
    element.dataset.key = key;
    update(element, item);
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  for (const element of old.values()) element.remove();
}
