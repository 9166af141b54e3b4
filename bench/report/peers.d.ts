// What the report uses of the plotting library, which only `npm run bench` installs.

declare module 'vega' {
  export class View {
    constructor(runtime: unknown, options: { renderer: 'none' });
    toSVG(): Promise<string>;
  }
  export function parse(spec: unknown): unknown;
}

declare module 'vega-lite' {
  export function compile(spec: unknown): { readonly spec: unknown };
}
