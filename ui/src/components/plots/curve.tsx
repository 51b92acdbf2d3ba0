/** ROC, precision-recall and the like: lines over common axes, read out under the pointer. */
import { useState } from "preact/hooks";
import type { Curve } from "../../lib/plots";
import { lineOf } from "../../lib/colors";
import { number } from "../../lib/format";
import { extent, interpolate, ticks } from "../../lib/scale";
import { dark } from "../../lib/theme";

export interface Source {
  /** Whose lines these are; empty where there is but one run. */
  run: string;
  plot: Curve;
}

const [WIDTH, HEIGHT] = [440, 320];
const INSET = { left: 48, right: 12, top: 10, bottom: 42 };

export function CurvePlot({ sources, caption }: { sources: Source[]; caption?: string }) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<number>();
  const first = sources[0]?.plot;
  if (!first) return null;
  const lines = styled(sources);
  const shown = lines.filter((one) => !hidden.has(one.key));
  const frame = frameOf(lines.map((one) => one.line));
  const toggle = (key: string) => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    setHidden(next);
  };
  const name = caption ?? first.title;
  const follow = (event: PointerEvent & { currentTarget: SVGSVGElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const place = ((event.clientX - box.left) / box.width) * WIDTH;
    const [low, high] = frame.x;
    setAt(Math.min(high, Math.max(low, frame.back(place))));
  };
  return (
    <figure class="plot curve" aria-label={name}>
      <figcaption>
        <strong>{name}</strong>
        <span class="muted readout">
          {at === undefined ? "" : `${first.xLabel} ${number(Number(at.toFixed(3)))}`}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${name}: ${shown.map((one) => `${one.label} ${first.areaLabel} ${number(one.line.area)}`).join("; ")}`}
        onPointerMove={follow}
        onPointerLeave={() => setAt(undefined)}
      >
        <Axes frame={frame} xLabel={first.xLabel} yLabel={first.yLabel} />
        {shown.map(({ key, line }) =>
          line.baseline ? (
            <path
              key={key}
              class="baseline"
              d={frame.path(frame.x, line.baseline)}
              vector-effect="non-scaling-stroke"
            />
          ) : null,
        )}
        {shown.map(({ key, line, color, dash }) => (
          <path
            key={key}
            class="line"
            stroke={color}
            stroke-dasharray={dash.join(" ")}
            d={frame.path(line.x, line.y)}
          />
        ))}
        {at !== undefined && (
          <g>
            <path class="cursor" d={`M${frame.left(at)} ${INSET.top}V${HEIGHT - INSET.bottom}`} />
            {shown.map(({ key, line, color }) => {
              const y = interpolate(line.x, line.y, at);
              return y === undefined ? null : (
                <circle key={key} cx={frame.left(at)} cy={frame.up(y)} r="4" fill={color} />
              );
            })}
          </g>
        )}
      </svg>
      <ul class="legend">
        {lines.map(({ key, label, line, color }) => {
          const y = at === undefined ? undefined : interpolate(line.x, line.y, at);
          return (
            <li key={key}>
              <button aria-pressed={!hidden.has(key)} onClick={() => toggle(key)}>
                <span class="swatch" style={{ background: color }} aria-hidden="true" />
                {label}{" "}
                <b>
                  {y === undefined
                    ? `${first.areaLabel} ${number(line.area)}`
                    : number(Number(y.toFixed(4)))}
                </b>
              </button>
            </li>
          );
        })}
      </ul>
    </figure>
  );
}

/** One run: a colour a class. Several runs: a colour a run, a dash a class. */
function styled(sources: Source[]) {
  const several = sources.length > 1;
  return sources.flatMap(({ run, plot }, who) =>
    plot.lines.map((line, which) => {
      const own = several ? lineOf(who, dark.value) : lineOf(which, dark.value, plot.lines.length);
      const dash = several ? lineOf(which * 8, false).dash : own.dash;
      // A bare number beside an area would read as one.
      const name = /^(-?[\d.]+|true|false)$/i.test(line.name)
        ? `class ${line.name}`
        : line.name || plot.yLabel;
      const label = several ? (plot.lines.length > 1 ? `${run}, ${name}` : run) : name;
      return { key: `${who}/${which}`, label, line, color: own.color, dash };
    }),
  );
}

type Frame = ReturnType<typeof frameOf>;

/** Where numbers lie on the drawing; shares always have the whole of 0 to 1. */
function frameOf(lines: { x: number[]; y: number[] }[]) {
  const whole = (values: number[]): [number, number] => {
    const [low, high] = extent(values);
    return low >= 0 && high <= 1 ? [0, 1] : [low, high];
  };
  const x = whole(lines.flatMap((one) => one.x));
  const y = whole(lines.flatMap((one) => one.y));
  const wide = WIDTH - INSET.left - INSET.right;
  const tall = HEIGHT - INSET.top - INSET.bottom;
  const left = (at: number) => INSET.left + ((at - x[0]) / (x[1] - x[0] || 1)) * wide;
  const up = (at: number) => INSET.top + tall - ((at - y[0]) / (y[1] - y[0] || 1)) * tall;
  const back = (place: number) => x[0] + ((place - INSET.left) / wide) * (x[1] - x[0]);
  const path = (xs: number[], ys: number[]) =>
    xs
      .map((at, place) => [left(at), up(ys[place] as number)] as const)
      .filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b))
      .map(([a, b], place) => `${place ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`)
      .join("");
  return { x, y, left, up, back, path };
}

function Axes({ frame, xLabel, yLabel }: { frame: Frame; xLabel: string; yLabel: string }) {
  const [right, bottom] = [WIDTH - INSET.right, HEIGHT - INSET.bottom];
  return (
    <g class="axes" aria-hidden="true">
      {ticks(...frame.y).map((at) => (
        <g key={at}>
          <path d={`M${INSET.left} ${frame.up(at)}H${right}`} />
          <text x={INSET.left - 6} y={frame.up(at) + 4} text-anchor="end">
            {number(at)}
          </text>
        </g>
      ))}
      {ticks(...frame.x).map((at) => (
        <g key={at}>
          <path d={`M${frame.left(at)} ${INSET.top}V${bottom}`} />
          <text x={frame.left(at)} y={bottom + 16} text-anchor="middle">
            {number(at)}
          </text>
        </g>
      ))}
      <text x={(INSET.left + right) / 2} y={HEIGHT - 6} text-anchor="middle" class="label">
        {xLabel}
      </text>
      <text
        class="label"
        text-anchor="middle"
        transform={`translate(12 ${(INSET.top + bottom) / 2}) rotate(-90)`}
      >
        {yLabel}
      </text>
    </g>
  );
}
