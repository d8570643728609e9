import { defineCapsule } from "astrid-native/sdk";
import * as fs from "astrid-native/sdk/fs";
import { debug } from "astrid-native/sdk/log";

import { parseQuery } from "./input.js";
import { search } from "./search.js";

export default defineCapsule({
  validate: parseQuery,
  handle(query) {
    const answer = search(fs, query);
    debug(`${answer.matches.length} matches in ${answer.files} files`);
    return answer;
  },
});
