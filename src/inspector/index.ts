export type { InspectorAction } from './actions.ts';
export { defineInspector } from './define-inspector.ts';
export { HoldfastInspector } from './holdfast-inspector.ts';
export { type InspectorPanel, type InspectorPanelOptions, inspectorPanel } from './inspector-panel.ts';
export type { Redact } from './model.ts';
