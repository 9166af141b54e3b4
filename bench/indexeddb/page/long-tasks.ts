/** The browser tells of a long task a little after it. */
const TELL_MS = 200;

/** Watches the main thread until the answer is called: how long each task over 50 ms took. */
export function watchLongTasks(): () => Promise<number[]> {
  const tasks: number[] = [];
  const note = (entries: PerformanceEntryList) => tasks.push(...entries.map(({ duration }) => duration));
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: 'longtask' });
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, TELL_MS));
    note(observer.takeRecords());
    observer.disconnect();
    return tasks;
  };
}
