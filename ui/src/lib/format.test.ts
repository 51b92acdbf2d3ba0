import { expect, test } from "vitest";
import { ago, bytes, duration, number } from "./format";

test.each([
  [0.123456789, "0.12346"],
  [12, "12"],
  [0, "0"],
  [0.0000012343, "1.234e-6"],
  [123456789, "1.235e+8"],
  ["NaN", "NaN"],
  ["Infinity", "∞"],
  ["-Infinity", "−∞"],
] as const)("the number %s reads %s", (value, text) => expect(number(value)).toBe(text));

test.each([
  [12, "12 ms"],
  [1500, "1.5 s"],
  [90_000, "1.5 min"],
  [7_200_000, "2 h"],
  [864_000_000, "10 d"],
])("%s ms last %s", (ms, text) => expect(duration(ms)).toBe(text));

test("a time in the past is so long ago", () => expect(ago(1000, 61_000)).toBe("1 min ago"));

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [5 * 1024 ** 3, "5.0 GiB"],
])("%s bytes read %s", (size, text) => expect(bytes(size)).toBe(text));
