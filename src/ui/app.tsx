/**
 * The dashboard's beginning: the frame around every page, and the page of the address.
 *
 * @module
 */

import { render } from "preact";
import lazy from "preact-iso/lazy";
import { LocationProvider, Route, Router } from "preact-iso/router";
import { PageBoundary, pageLoader } from "./components/boundary.tsx";
import { Frame } from "./components/frame.tsx";
import { NotFound } from "./components/not_found.tsx";
import { listen } from "./live/stream.ts";
import { ROUTES } from "./routes.ts";
import { followTheme } from "./theme.ts";

const PAGES = ROUTES.map(({ path, load }) => ({ path, component: lazy(pageLoader(load)) }));

/** What this server answers without this application. */
const NOT_OURS = /^(?!\/(api|assets|docs|sign-in|sign-out|openapi\.json)([/?#]|$))/;

function App() {
  return (
    <LocationProvider scope={NOT_OURS}>
      <Frame>
        <PageBoundary>
          <Router>
            {PAGES.map(({ path, component }) => <Route key={path} path={path} component={component} />)}
            <Route default component={NotFound} />
          </Router>
        </PageBoundary>
      </Frame>
    </LocationProvider>
  );
}

followTheme();
listen();
render(<App />, document.getElementById("app")!);
