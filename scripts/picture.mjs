// Draws what the demo prints as a terminal, for the README: `npm start -- --seed 1 </dev/null | node scripts/picture.mjs > docs/demo.svg`
import { text } from 'node:stream/consumers';

const columns = 100;
const charWidth = 8.4;
const lineHeight = 19;
const margin = 18;
const bar = 34;

const colours = { plain: '#d8dee9', dim: '#7b8794', good: '#8fce8b', bad: '#e58a8a', seam: '#f0c674' };

/** The answer that is cut and healed, and the head of the table: what fits one look. */
function pick(output) {
  const lines = output.split('\n');
  const cut = lines.findIndex((line) => line.startsWith('✂'));
  const table = lines.findIndex((line) => line.includes('the SDK alone through Ridethrough'));
  if (cut === -1 || table === -1) throw new Error('This is not what `npm start -- --seed 1 </dev/null` prints.');
  const told = lines[cut].slice(0, lines[cut].indexOf(' The SDK alone,'));
  return ['$ npm start', '', ...lines.slice(0, cut), told, '', ...lines.slice(table, table + 5)];
}

function colourOf(line) {
  if (line.startsWith('$')) return colours.dim;
  if (line.startsWith('✂')) return colours.seam;
  return colours.plain;
}

function escaped(line) {
  return line.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** Marks the seam, and in the table what was lost and what came home. */
function marked(line) {
  const [, label, sdk, ours] = /^(whole answers|failed)(\s+\S+(?: \(.*?\))?)(\s+\S+(?: \(.*?\))?)$/.exec(line) ?? [];
  if (label !== undefined)
    return `${label}<tspan fill="${colours.bad}">${sdk}</tspan><tspan fill="${colours.good}">${ours}</tspan>`;
  return escaped(line).replace(/(?<=\S )✂/, `<tspan fill="${colours.seam}">✂</tspan>`);
}

const lines = pick(await text(process.stdin));
const width = Math.round(columns * charWidth + 2 * margin);
const height = bar + lines.length * lineHeight + margin;
const rows = lines.map((line, index) => {
  const y = bar + (index + 1) * lineHeight;
  return `<text x="${margin}" y="${y}" fill="${colourOf(line)}" xml:space="preserve">${marked(line)}</text>`;
});
const dots = ['#e06c75', '#e5c07b', '#98c379'].map(
  (fill, index) => `<circle cx="${margin + 4 + index * 20}" cy="17" r="6" fill="${fill}"/>`,
);
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img"
  aria-label="The demo: a stream is cut in mid-sentence and goes on; of 1200 calls all come home, of the SDK's alone three quarters."
  font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">
<rect width="100%" height="100%" rx="8" fill="#1d2128"/>
${dots.join('')}
${rows.join('\n')}
</svg>
`);
