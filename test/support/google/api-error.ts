/** An error as Google's APIs answer it. */

export class ApiError extends Error {
  readonly code: number;
  readonly status: string;
  constructor(code: number, status: string, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const invalidArgument = (message: string): ApiError => new ApiError(400, 'INVALID_ARGUMENT', message);
export const notFound = (message: string): ApiError => new ApiError(404, 'NOT_FOUND', message);

const NAMES: Readonly<Record<number, string>> = {
  403: 'PERMISSION_DENIED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

/** The error of a status that a fault asks for. */
export const errorOf = (code: number): ApiError =>
  new ApiError(code, NAMES[code] ?? 'UNKNOWN', `The emulator was asked to answer ${code}.`);

export const bodyOf = (error: ApiError): string =>
  JSON.stringify({
    error: {
      code: error.code,
      message: error.message,
      status: error.status,
      errors: [{ message: error.message, domain: 'global', reason: error.status.toLowerCase() }],
    },
  });
