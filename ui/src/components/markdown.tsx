/** Markdown as elements. */
import type { ComponentChildren } from "preact";
import { type Block, type Inline, readMarkdown } from "../lib/markdown";

export function Markdown({ text }: { text: string }) {
  return (
    <div class="markdown">
      {readMarkdown(text).map((block, place) => (
        <Part key={place} block={block} />
      ))}
    </div>
  );
}

function Part({ block }: { block: Block }) {
  if (block.kind === "heading") return <Heading level={block.level}>{words(block.text)}</Heading>;
  if (block.kind === "paragraph") return <p>{words(block.text)}</p>;
  if (block.kind === "quote") return <blockquote>{words(block.text)}</blockquote>;
  if (block.kind === "rule") return <hr />;
  if (block.kind === "code") {
    return (
      <pre tabIndex={0}>
        <code>{block.text}</code>
      </pre>
    );
  }
  if (block.kind === "list") {
    const items = block.items.map((item, place) => <li key={place}>{words(item)}</li>);
    return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
  }
  return (
    <table class="list">
      <thead>
        <tr>
          {block.head.map((cell, place) => (
            <th key={place} scope="col">
              {words(cell)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {block.rows.map((row, place) => (
          <tr key={place}>
            {row.map((cell, column) => (
              <td key={column}>{words(cell)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The page has its own h1 and h2; those of a document stand below them. */
function Heading({ level, children }: { level: number; children: ComponentChildren }) {
  if (level === 1) return <h3 class="first">{children}</h3>;
  return level === 2 ? <h4>{children}</h4> : <h5>{children}</h5>;
}

function words(text: Inline[]): ComponentChildren {
  return text.map((part, place) => {
    if (part.kind === "code") return <code key={place}>{part.text}</code>;
    if (part.kind === "strong") return <strong key={place}>{part.text}</strong>;
    if (part.kind === "em") return <em key={place}>{part.text}</em>;
    if (part.kind === "link") {
      return (
        <a key={place} href={part.href} rel="noopener noreferrer" target="_blank">
          {part.text}
        </a>
      );
    }
    return part.text;
  });
}
