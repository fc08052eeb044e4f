// What every page gets. Everything here is an addition: without it the pages work by links and forms alone.
import "./htmx.js";
import { watchDialogs, watchFocus } from "./dialogs.js";
import { watchDrafts, watchFiles } from "./drafts.js";
import { watchForms } from "./forms.js";
import { watchKeys } from "./keys.js";
import { watchLive } from "./live.js";
import { watchSelection } from "./selection.js";
import { watchTheme } from "./theme.js";

watchTheme();
watchKeys();
watchLive();
watchSelection();
watchDrafts();
watchFiles();
watchForms();
watchDialogs();
watchFocus();
