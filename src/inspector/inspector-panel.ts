import type { Handle } from '../core/index.ts';
import type { InspectorAction } from './actions.ts';
import { defineInspector } from './define-inspector.ts';
import type { Redact } from './model.ts';

export interface InspectorPanelOptions {
  /** As of the element. */
  readonly actions?: readonly InspectorAction[];
  readonly redact?: Redact;
}

/** A panel of devtools that take `render(element)`, as those of TanStack do. */
export interface InspectorPanel {
  readonly id: string;
  readonly name: string;
  /** Puts the inspector into the element. `theme`: that of the devtools. */
  readonly render: (element: HTMLElement, theme?: 'light' | 'dark') => void;
  /** Takes it out again. */
  readonly destroy: () => void;
}

/**
 * The inspector as a panel for TanStack Devtools, or for whatever else has an element to spare.
 *
 * @example
 * <TanStackDevtools plugins={[inspectorPanel(queue)]} />
 */
export function inspectorPanel(queue: Handle, options: InspectorPanelOptions = {}): InspectorPanel {
  let inspector: HTMLElement | undefined;
  return {
    id: `holdfast-${queue.name}`,
    name: `Queue ${queue.name}`,
    render(element, theme) {
      defineInspector();
      const made = Object.assign(document.createElement('holdfast-inspector'), { queue, ...options });
      if (theme !== undefined) made.theme = theme;
      made.style.blockSize = '100%';
      inspector?.remove();
      inspector = made;
      element.replaceChildren(made);
    },
    destroy() {
      inspector?.remove();
      inspector = undefined;
    },
  };
}
