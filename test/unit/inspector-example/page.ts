import { defineInspector } from 'holdfast/inspector';
import { queue } from './queue.ts';

defineInspector();
const inspector = document.createElement('holdfast-inspector');
inspector.queue = queue;
document.body.append(inspector);
