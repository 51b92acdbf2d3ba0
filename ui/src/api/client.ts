/** The one place that knows how the server is asked and how it says no. */

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

type Query = Record<string, string | number | boolean | undefined>;

/** Addresses are relative to the page, so that any prefix of the server holds. */
export function address(path: string, query: Query = {}): string {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

export const mlflow = (path: string) => `ajax-api/2.0/mlflow/${path}`;
export const own = (path: string) => `api/mainstay/1.0/${path}`;

export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return send<T>("GET", address(path, query), undefined, signal);
}

export async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return send<T>("POST", address(path), body, signal);
}

async function send<T>(
  method: string,
  url: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const options: RequestInit = { method, signal: signal ?? null };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(url, options);
  if (!answer.ok) throw await failure(answer);
  return (await answer.json()) as T;
}

async function failure(answer: Response): Promise<ApiError> {
  const text = await answer.text();
  try {
    const said = JSON.parse(text) as { error_code?: string; message?: string };
    return new ApiError(answer.status, said.error_code ?? "", said.message ?? text);
  } catch {
    return new ApiError(answer.status, "", text || answer.statusText);
  }
}
