// The hearth: an arch on a line. What the line and the fire do tells the state, so it reads without colour.
//   idle low flame, flat line · listening tall flame, arcs point in, bars follow the microphone
//   thinking three embers instead of a flame · speaking arcs point out, the line is a wave
//   quiet a moon in the arch · off an empty arch and a broken line
import { s } from './ui.js';

const arc = (x, r, way) => `M${x} ${150 - r}a${r} ${r} 0 0 ${way} 0 ${2 * r}`;

/** Draws into `svg`; returns set(state, level) with level 0..1 from the real microphone or voice. */
export function hearth(svg) {
  svg.setAttribute('viewBox', '0 0 360 236');
  const bars = Array.from({ length: 18 }, () => s('path', { class: 'bar' }));
  const wave = s('path', { class: 'wave' });
  svg.replaceChildren(
    s('defs', {}, s('radialGradient', { id: 'glow', cx: '50%', cy: '88%', r: '80%' },
      s('stop', { offset: '0', class: 'glow-in' }), s('stop', { offset: '1', class: 'glow-out' }))),
    s('path', { class: 'mouth', d: 'M112 208v-82a68 68 0 0 1 136 0v82Z' }),
    s('path', { class: 'arch', d: 'M112 208v-82a68 68 0 0 1 136 0v82' }),
    s('path', { class: 'line', d: 'M18 208h324' }),
    s('path', { class: 'broken', d: 'M18 208h80M112 208h136M262 208h80' }),
    s('g', { class: 'fire' },
      s('path', { class: 'flame', d: 'M180 200c-25 0-38-16-36-36 2-20 20-30 22-58 17 11 26 27 24 42 5-4 8-10 8-17 12 12 19 24 18 35-1 21-14 34-36 34Z' }),
      s('path', { class: 'core', d: 'M180 200c-12 0-18-8-17-18 1-10 10-15 13-28 9 9 21 18 21 29 0 10-7 17-17 17Z' })),
    s('g', { class: 'embers' }, ...[[152, 176], [180, 150], [208, 176]].map(([cx, cy]) => s('circle', { cx, cy, r: 10 }))),
    s('path', { class: 'moon', d: 'M204 158a34 34 0 1 1-38-46 28 28 0 0 0 38 46Z' }),
    s('g', { class: 'arcs in' }, s('path', { d: arc(30, 18, 1) }), s('path', { d: arc(46, 34, 1) }), s('path', { d: arc(330, 18, 0) }), s('path', { d: arc(314, 34, 0) })),
    s('g', { class: 'arcs out' }, s('path', { d: arc(82, 22, 0) }), s('path', { d: arc(62, 36, 0) }), s('path', { d: arc(278, 22, 1) }), s('path', { d: arc(298, 36, 1) })),
    s('g', { class: 'bars' }, ...bars), wave);

  return (state, level = 0) => {
    svg.dataset.voice = state;
    bars.forEach((bar, i) => {
      const side = i < 9 ? i : i - 9;
      const x = i < 9 ? 98 - side * 10 : 262 + side * 10;
      const tall = 2 + 26 * level * Math.abs(Math.sin(side * 1.7 + 1)) * (1 - side / 12);
      bar.setAttribute('d', `M${x} ${208 - tall}V${208 + tall}`);
    });
    let d = 'M18 208';
    for (let x = 18; x <= 342; x += 4) {
      const near = 1 - Math.abs(x - 180) / 170;
      d += `L${x} ${(208 + Math.sin(x / 8) * 15 * Math.max(0, near) * (level || .8)).toFixed(1)}`;
    }
    wave.setAttribute('d', d);
  };
}
