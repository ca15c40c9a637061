import { judgeAll, provenFrom, wrongOnes } from './blind-set.ts';

// Judges the blind scenarios of each seed on the command line: `npm run test:blind -- 1001 1002`.
// Ends with status 1 where less than 95 % of all are right, or one is wrong at a confidence of 0.8 or more.

const seeds = process.argv.slice(2).map(Number);
if (seeds.length === 0 || !seeds.every(Number.isSafeInteger)) {
  console.error('Name the seeds, whole numbers: npm run test:blind -- 1 2 3');
  process.exit(2);
}
const judged = seeds.flatMap(judgeAll);
const wrong = judged.filter(({ isRight }) => !isRight);
const accused = wrong.filter(({ verdict }) => verdict.confidence >= provenFrom);
for (const line of wrongOnes(judged)) console.log(line);
const rightShare = 1 - wrong.length / judged.length;
console.log(
  `${judged.length - wrong.length} of ${judged.length} right (${(rightShare * 100).toFixed(1)} %), ` +
    `${accused.length} wrong at a confidence of ${provenFrom} or more.`,
);
process.exitCode = rightShare >= 0.95 && accused.length === 0 ? 0 : 1;
