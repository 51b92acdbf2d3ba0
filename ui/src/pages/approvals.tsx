/** What waits for a person's yes, and what was decided. */
import { useQuery } from "@tanstack/preact-query";
import { listApprovals } from "../api/registry";
import { ApprovalList } from "../components/approvals";
import { Empty, Loaded } from "../components/states";

const DECIDED = 50;

export function Approvals() {
  const query = useQuery({
    queryKey: ["approvals"],
    queryFn: ({ signal }) => listApprovals({}, signal),
    refetchInterval: 10_000,
  });
  return (
    <>
      <h1>Approvals</h1>
      <Loaded query={query}>
        {(found) => {
          const pending = found.filter((one) => one.state === "pending");
          const decided = found.filter((one) => one.state !== "pending");
          return (
            <>
              {pending.length > 0 ? (
                <ApprovalList approvals={pending} />
              ) : (
                <Empty title="Nothing waits for approval">
                  <p>
                    A gate with <code>{"{kind: approval, approvers: 1}"}</code> lets a version
                    through when another person says yes. Ask on the version's page, or:
                  </p>
                  <pre>
                    <code>mainstay promote churn 2 --alias champion --request-approval</code>
                  </pre>
                </Empty>
              )}
              {decided.length > 0 && (
                <>
                  <h2>Decided</h2>
                  <ApprovalList approvals={decided.slice(0, DECIDED)} />
                  {decided.length > DECIDED && (
                    <p class="note">
                      The latest {DECIDED} of {decided.length}; the audit trail has all.
                    </p>
                  )}
                </>
              )}
            </>
          );
        }}
      </Loaded>
    </>
  );
}
