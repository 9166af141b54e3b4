import { job } from 'holdfast';
import * as z from 'zod';

interface Upload {
  readonly file: File;
  readonly onDone: () => void;
}

class Account {
  readonly #key = 'k';
  readonly id = this.#key;
}

// A payload with a function
job<Upload>({ maxAttempts: 3 });

// A payload that is an instance of a class
job<Account>();

// A payload with an instance of a class of the platform
job<{ readonly to: URL }>();

// A payload that is a symbol
job<symbol>();

// A result that is a response
job<string, { result: Response }>();

// A type of its own name
job<string, { reslut: number }>();

// A schema of an instance of a class
job({ payload: z.object({ to: z.instanceof(URL) }) });
