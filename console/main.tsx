import { render } from 'preact';
import { Api } from './api/client.ts';
import { Console } from './console.tsx';
import { interceptLinks } from './location.ts';

const root = document.getElementById('console');
if (root !== null) {
  interceptLinks();
  render(<Console api={new Api()} />, root);
}
