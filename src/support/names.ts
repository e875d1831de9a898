/**
 * Names for runs that nobody named: "heavy-parakeet", two words that are easy to say and to type.
 *
 * Prefect takes them from `coolname`; there is no such package for JavaScript. The only importer of
 * `unique-names-generator`, of which only the word lists are used, so that chance stays an argument.
 *
 * @module
 */

import { adjectives, animals } from "unique-names-generator";

const isWord = (word: string) => /^[a-z]+$/.test(word);
const ADJECTIVES = adjectives.filter(isWord);
const ANIMALS = animals.filter(isWord);

const pick = (words: string[], random: () => number) =>
  words[Math.min(words.length - 1, Math.floor(random() * words.length))];

/**
 * A random adjective and a random animal, lower case, joined by a dash; some 400,000 of them, so doubles do occur.
 *
 * @param random Numbers of [0, 1); asked twice.
 */
export function randomRunName(random: () => number = Math.random): string {
  return `${pick(ADJECTIVES, random)}-${pick(ANIMALS, random)}`;
}
