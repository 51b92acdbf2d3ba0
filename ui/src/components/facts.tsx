/** Small tables of names and values. */
import type { ComponentChildren } from "preact";

export function Facts({ rows }: { rows: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface NamedProps {
  title: string;
  rows: [string, ComponentChildren][];
  empty: string;
}

export function Named({ title, rows, empty }: NamedProps) {
  return (
    <section>
      <h2>
        {title} <span class="muted">({rows.length})</span>
      </h2>
      {rows.length === 0 ? (
        <p class="note">{empty}</p>
      ) : (
        <table class="named" aria-label={title}>
          <tbody>
            {rows.map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
