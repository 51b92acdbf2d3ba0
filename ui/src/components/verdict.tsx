/** What a gate decided: one line, or check by check. */
import type { Verdict } from "../api/types";
import { OutcomeMark } from "./marks";

export function Passed({ verdict }: { verdict: Verdict }) {
  const failed = verdict.checks.filter(
    (one) => one.outcome === "fail" || one.outcome === "inconclusive",
  );
  return (
    <span>
      <OutcomeMark outcome={verdict.passed ? "pass" : "fail"} /> for @{verdict.alias}
      {failed.length > 0 && `: ${failed.map((one) => one.check).join(", ")}`}
    </span>
  );
}

export function Checks({ verdict }: { verdict: Verdict }) {
  return (
    <table class="named" aria-label={`Checks of version ${verdict.version}`}>
      <tbody>
        {verdict.checks.map((check) => (
          <tr key={check.check}>
            <th scope="row">{check.check}</th>
            <td>
              <OutcomeMark outcome={check.outcome} />
            </td>
            <td>{check.message}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
