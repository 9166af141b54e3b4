import { byId } from '../element.ts';

const KEY = 'kelp:theme';

/** Light or dark: as the system says, until the user says otherwise. Answers the toggle. */
export function createTheme(): () => void {
  const button = byId('theme', HTMLButtonElement);
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = (): boolean => (localStorage.getItem(KEY) ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const paint = (): void => {
    const chosen = localStorage.getItem(KEY);
    if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;
    else delete document.documentElement.dataset.theme;
    button.textContent = isDark() ? '☀' : '☾';
    button.ariaLabel = isDark() ? 'Use light colours' : 'Use dark colours';
  };
  const toggle = (): void => {
    const next = isDark() ? 'light' : 'dark';
    if (next === (system.matches ? 'dark' : 'light')) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
    paint();
  };
  button.addEventListener('click', toggle);
  system.addEventListener('change', paint);
  window.addEventListener('storage', ({ key }) => key === KEY && paint());
  paint();
  return toggle;
}
