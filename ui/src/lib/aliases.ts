/** Which names an alias may have; the server decides, this only explains earlier. */

export function moveProblem(alias: string): string {
  if (alias === "") return "Name an alias.";
  if (!/^[\w-]+$/u.test(alias)) return "An alias holds letters, digits, _ and - only.";
  if (alias.toLowerCase() === "latest" || /^v\d+$/i.test(alias)) {
    return `${alias} always means a version of its own and cannot be moved.`;
  }
  return "";
}
