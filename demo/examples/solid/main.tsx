import { render } from 'solid-js/web';
import { Notes } from './notes.tsx';

render(() => <Notes />, document.querySelector('#app') as HTMLElement);
