/** The sum of the primes below a number, by trial division: work without memory or input. */
export function sumOfPrimes(below: number): number {
  let sum = 0;
  for (let candidate = 2; candidate < below; candidate++) if (isPrime(candidate)) sum += candidate;
  return sum;
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
    if (candidate % divisor === 0) return false;
  }
  return true;
}
