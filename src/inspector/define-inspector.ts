import { HoldfastInspector } from './holdfast-inspector.ts';

/**
 * Makes `<holdfast-inspector>` an element of this page. Does nothing where it is one.
 *
 * @example
 * defineInspector();
 * document.querySelector('holdfast-inspector').queue = queue;
 */
export function defineInspector(): void {
  if (customElements.get('holdfast-inspector') === undefined)
    customElements.define('holdfast-inspector', HoldfastInspector);
}
