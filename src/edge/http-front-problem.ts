import type { PayloadIssue } from '../core/index.ts';

/** Why a request was not done, as far as an outsider is told. */
export interface ProblemOptions {
  readonly detail?: string;
  /** Of the error behind it, where that may be known. */
  readonly code?: string;
  readonly retryable?: boolean;
  readonly issues?: readonly PayloadIssue[];
  readonly headers?: Readonly<Record<string, string>>;
}

const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

/** Keys of a payload may be part of a detail, and a caller chose them. */
const MAX_DETAIL = 500;

/** A refusal on its way to the one place that makes an answer of it. */
export class Problem extends Error {
  readonly status: keyof typeof TITLES;
  readonly options: ProblemOptions;

  constructor(status: keyof typeof TITLES, options: ProblemOptions = {}) {
    super(options.detail ?? TITLES[status]);
    this.status = status;
    this.options = options;
  }

  /** As problem details (RFC 9457). */
  toResponse(): Response {
    const { status } = this;
    const { detail, headers = {}, ...told } = this.options;
    const body = {
      title: TITLES[status],
      status,
      ...(detail === undefined ? {} : { detail: detail.slice(0, MAX_DETAIL) }),
      ...told,
    };
    return Response.json(body, {
      status,
      headers: { ...headers, 'content-type': 'application/problem+json' },
    });
  }
}
