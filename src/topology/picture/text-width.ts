/** Width of most letters of common sans-serif fonts, in parts of the font's size; bold ones are wider. */
const USUAL = 0.6;
const BOLD = 0.66;

/** Characters from here on are mostly as wide as the font is high. */
const WIDE = 0x1100;

/** Width of a text in pixels, rather too much than too little, because a reader's font is not known. */
export function textWidth(text: string, fontSize: number, isBold = false): number {
  let width = 0;
  for (const character of text) width += widthOf(character, isBold);
  return width * fontSize;
}

/** A text cut in its middle to fit a width in pixels: names differ at both ends. */
export function fitText(text: string, maxWidth: number, fontSize: number, isBold = false): string {
  if (textWidth(text, fontSize, isBold) <= maxWidth) return text;
  const characters = Array.from(text);
  let [head, tail] = [0, characters.length];
  let room = maxWidth / fontSize - USUAL;
  while (head < tail) {
    const isHeadNext = head <= characters.length - tail;
    room -= widthOf(characters[isHeadNext ? head : tail - 1] ?? "", isBold);
    if (room < 0) break;
    if (isHeadNext) head++;
    else tail--;
  }
  return `${characters.slice(0, head).join("")}…${characters.slice(tail).join("")}`;
}

function widthOf(character: string, isBold: boolean): number {
  if ((character.codePointAt(0) ?? 0) >= WIDE) return 1;
  return isBold ? BOLD : USUAL;
}
