/** How a table of runs is looked at. All of it is in the address: copy it, and the view is shared. */
import { type Column, type Order, columnOf, HEAD, readOrder } from "./columns";

export interface View {
  filter: string;
  order: Order;
  /** A parameter or tag whose values gather runs; "" for none. */
  group: string;
  /** Chosen columns by field; undefined: whatever the runs have, up to a limit. */
  chosen: string[] | undefined;
  pinned: ReadonlySet<string>;
  widths: ReadonlyMap<string, number>;
  roomy: boolean;
}

/** Columns shown when none were chosen. */
export const SHOWN = 24;
const [NARROWEST, WIDEST] = [48, 800];

export function readView(query: URLSearchParams): View {
  const chosen = query.getAll("col");
  const widths = query.getAll("width").flatMap((one): [string, number][] => {
    const [, field = "", width = ""] = /^(.+):(\d+)$/.exec(one) ?? [];
    return field ? [[field, within(Number(width))]] : [];
  });
  return {
    filter: query.get("filter") ?? "",
    order: readOrder(query.get("order")),
    group: query.get("group") ?? "",
    chosen: chosen.length > 0 ? chosen : undefined,
    pinned: new Set([HEAD[0]?.field as string, ...query.getAll("pin")]),
    widths: new Map(widths),
    roomy: query.get("rows") === "roomy",
  };
}

export const within = (width: number) => Math.min(WIDEST, Math.max(NARROWEST, Math.round(width)));

/** The columns of a view, pinned ones first. */
export function columnsIn(view: View, all: Column[]): Column[] {
  const body = view.chosen ? view.chosen.map(columnOf) : all.slice(0, SHOWN);
  const shown = [...HEAD, ...body];
  return [
    ...shown.filter((one) => view.pinned.has(one.field)),
    ...shown.filter((one) => !view.pinned.has(one.field)),
  ];
}

export function widthOf(view: View, column: Column): number {
  const usual = column.field === "attributes.run_name" ? 220 : column.numeric ? 112 : 128;
  return view.widths.get(column.field) ?? usual;
}

/** What the server is asked to sort by: a group's runs stand together. */
export function orderBy({ group, order }: View): string[] {
  const own = `${order.field} ${order.descending ? "DESC" : "ASC"}`;
  return group ? [`${group} ASC`, own] : [own];
}
