/** A confusion matrix as a heat map: counts, and shares of the true or the predicted class. */
import { useState } from "preact/hooks";
import type { Matrix } from "../../lib/plots";
import { number } from "../../lib/format";

type By = "rows" | "columns";

/** More classes than this: cells shrink to colour and count, the share is in the title. */
const ROOMY = 8;

export function ConfusionMatrix({ plot, caption }: { plot: Matrix; caption?: string }) {
  const [by, setBy] = useState<By>("rows");
  const { labels, matrix } = plot;
  const name = caption ? `${plot.title}, ${caption}` : plot.title;
  const rows = matrix.map(sum);
  const columns = labels.map((_, at) => sum(matrix.map((row) => row[at] as number)));
  const roomy = labels.length <= ROOMY;
  return (
    <figure class="plot" aria-label={name}>
      <figcaption>
        <strong>{caption ?? plot.title}</strong>
        <label class="tool">
          Shares of{" "}
          <select value={by} onChange={(event) => setBy(event.currentTarget.value as By)}>
            <option value="rows">the true class</option>
            <option value="columns">the predicted class</option>
          </select>
        </label>
      </figcaption>
      <div class="scroll" tabIndex={0} role="region" aria-label={`${name}, cells`}>
        <table class={roomy ? "matrix" : "matrix tight"} aria-label={name}>
          <thead>
            <tr>
              <td />
              <th scope="colgroup" colSpan={labels.length} class="axis">
                predicted
              </th>
            </tr>
            <tr>
              <th scope="col" class="axis">
                true
              </th>
              {labels.map((label) => (
                <th key={label} scope="col" title={label}>
                  <span>{label}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.map((row, truth) => (
              <tr key={labels[truth]}>
                <th scope="row" title={labels[truth]}>
                  <span>{labels[truth]}</span>
                </th>
                {row.map((count, guess) => {
                  const whole = (by === "rows" ? rows[truth] : columns[guess]) as number;
                  const share = whole > 0 ? count / whole : 0;
                  const said = `${number(count)} of ${labels[truth]} predicted as ${labels[guess]}: ${percent(share)}`;
                  return (
                    <td
                      key={guess}
                      title={said}
                      class={truth === guess ? "right" : undefined}
                      style={{ "--share": share.toFixed(3) } as Record<string, string>}
                    >
                      {number(count)}
                      {roomy && <small>{percent(share)}</small>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="note">{summary(plot)}</p>
    </figure>
  );
}

/** The matrix in a sentence: how much is right, and what is confused most. */
function summary({ labels, matrix }: Matrix): string {
  const total = sum(matrix.map(sum));
  if (total === 0) return "No row was counted.";
  const right = sum(matrix.map((row, at) => row[at] as number));
  const wrong = matrix
    .flatMap((row, truth) => row.map((count, guess) => ({ count, truth, guess })))
    .filter((one) => one.truth !== one.guess)
    .sort((a, b) => b.count - a.count)[0];
  const said = `${percent(right / total)} of ${number(total)} rows are right.`;
  if (!wrong || wrong.count === 0) return said;
  return `${said} Most confused: ${labels[wrong.truth]} taken for ${labels[wrong.guess]}, ${number(wrong.count)} times.`;
}

const sum = (values: number[]) => values.reduce((all, one) => all + one, 0);
const percent = (share: number) => `${(share * 100).toFixed(share > 0 && share < 0.0995 ? 1 : 0)}%`;
