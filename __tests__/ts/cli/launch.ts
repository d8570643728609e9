// The command line as its launcher starts it, without the build that comes first in a checkout.
import { main } from "../../../ts/cli/main.js";

process.exitCode = await main(process.argv.slice(2));
