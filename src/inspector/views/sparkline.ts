import { nothing, svg, type TemplateResult } from 'lit';

const WIDTH = 72;
const HEIGHT = 32;
const EDGE = 2;

/** A small line without axes: it says whether something rises or falls. The number beside it says the rest. */
export function sparkline(values: readonly number[]): TemplateResult | typeof nothing {
  if (values.length < 3) return nothing;
  const most = Math.max(1, ...values);
  const step = WIDTH / (values.length - 1);
  const points = values.map((value, i) => {
    const y = HEIGHT - EDGE - (value / most) * (HEIGHT - 2 * EDGE);
    return `${(i * step).toFixed(1)},${y.toFixed(1)}`;
  });
  return svg`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true" preserveAspectRatio="none">
    <polygon points="0,${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}" fill="currentColor" opacity="0.12" />
    <polyline points=${points.join(' ')} fill="none" stroke="currentColor" stroke-width="1.5" vector-effect="non-scaling-stroke" />
  </svg>`;
}
