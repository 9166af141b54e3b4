import { parse, View } from 'vega';
import { compile } from 'vega-lite';
import { median } from '../harness/measure.ts';
import { grouped } from '../harness/table.ts';
import type { Figures } from './figures.ts';

/** Bars of all contenders for some measures of one unit, a row of bars for each measure. */
export interface Chart {
  readonly file: string;
  readonly title: string;
  readonly unit: string;
  /** Their names. */
  readonly measures: readonly string[];
  /** For figures that lie far apart. */
  readonly logarithmic?: boolean;
}

interface Bar {
  readonly measure: string;
  readonly who: string;
  readonly figure: number;
  readonly label: string;
}

const OURS = 'holdfast';
const COLOURS = { ours: '#0b7285', peers: '#adb5bd' };

/** The chart as SVG; undefined when nothing of it was measured. */
export async function chartOf(chart: Chart, figures: Figures): Promise<string | undefined> {
  const rows = chart.measures.map((measure) => barsOf(measure, figures)).filter((bars) => bars.length > 0);
  if (rows.length === 0) return undefined;
  const spec = {
    title: { text: chart.title, anchor: 'start', fontSize: 15, offset: 12 },
    background: 'white',
    padding: 12,
    vconcat: rows.map((bars) => rowOf(bars, chart)),
    config: { view: { stroke: null }, font: 'system-ui, sans-serif', axis: { grid: false, labelLimit: 320 } },
  };
  return await new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG();
}

function rowOf(bars: readonly Bar[], { unit, measures, logarithmic }: Chart) {
  const figures = bars.map(({ figure }) => figure);
  const from = logarithmic ? Math.min(...figures) / 2 : 0;
  const scale = { type: logarithmic ? 'log' : 'linear', domain: [from, Math.max(...figures)], nice: false };
  const x = {
    field: 'figure',
    type: 'quantitative',
    title: unit,
    scale,
    axis: { tickCount: 5, format: '~s' },
  };
  return {
    ...(measures.length > 1
      ? { title: { text: bars[0]!.measure, anchor: 'start', frame: 'group', fontSize: 12 } }
      : {}),
    data: { values: bars },
    width: 460,
    height: { step: 24 },
    encoding: { y: { field: 'who', type: 'nominal', title: null, sort: null } },
    layer: [
      {
        mark: { type: 'bar', height: 16 },
        encoding: {
          x,
          x2: { datum: from },
          color: {
            condition: { test: `datum.who === '${OURS}'`, value: COLOURS.ours },
            value: COLOURS.peers,
          },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4, fontSize: 11 },
        encoding: { x, text: { field: 'label', type: 'nominal' } },
      },
    ],
  };
}

/** Holdfast first, then each peer once. */
function barsOf(name: string, { measures }: Figures): Bar[] {
  const found = measures.filter(({ measure }) => measure === name);
  const [first] = found;
  if (first === undefined) return [];
  const bar = (who: string, figure: number): Bar => ({ measure: name, who, figure, label: grouped(figure) });
  return [
    bar(OURS, median(first.holdfast)),
    ...found.flatMap(({ peer, peerName }) => (peer === undefined ? [] : [bar(peerName, median(peer))])),
  ];
}
