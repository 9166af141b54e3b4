/** What tests say of a feature beside what they import of it, one line a feature: a field, if it ends with a colon, or a call or a text as well. */
export const FEATURE_WORDS: Readonly<Record<string, readonly string[]>> = {
  checkpoints: ['checkpoint', 'checkpoints'],
  drop: ['drops'],
  flows: ['dependsOn', 'onDependencyDeath', 'batch', 'whenDone'],
  keys: ['keyForMs', 'maxWaitMs', 'debounce', 'throttle'],
  limits: ['maxActive', 'rate', 'rateKey'],
  middleware: ['spans'],
  results: ['keepResultMs', 'keep:', 'prune'],
  schedules: ['putSchedules', 'tick'],
};
