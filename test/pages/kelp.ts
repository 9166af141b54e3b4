import type { Page } from 'playwright';

/** What a test does in the notes app, as a user would. */
export const kelp = (page: Page) => ({
  /** Writes a new note as one edit and waits until it is saved. */
  async write(title: string, body = ''): Promise<void> {
    await page.getByRole('button', { name: 'New note' }).click();
    await page.getByLabel('Title').fill(body === '' ? title : `${title}\n${body}`);
    await page.getByRole('option', { name: title }).waitFor();
  },
  /** Opens the note, gives it another text as one edit and waits until it is saved. */
  async rewrite(title: string, body: string): Promise<void> {
    await page.getByRole('option', { name: title }).click();
    await page.getByLabel('Text of the note').fill(body);
    await page.getByRole('option', { name: body }).waitFor();
  },
  async connect(connection: 'Online' | 'Offline'): Promise<void> {
    await page.getByRole('radio', { name: connection }).check();
  },
  /** The number that the queue's panel shows. */
  async count(phase: 'waiting' | 'running' | 'retrying' | 'dead'): Promise<number> {
    return Number(await page.locator(`#count-${phase}`).textContent());
  },
  titles: (): Promise<string[]> => page.locator('.note-row-title').allTextContents(),
  badges: (): Promise<string[]> => page.locator('.note-row .badge').allTextContents(),
  /** The lines of the job list, each as one text. */
  jobs: (): Promise<string[]> => page.locator('.job').allInnerTexts(),
});
