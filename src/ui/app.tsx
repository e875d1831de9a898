/**
 * The dashboard's beginning: the frame around every page, and the page of the address.
 *
 * @module
 */

import { render } from "preact";
import lazy from "preact-iso/lazy";
import { LocationProvider, Route, Router } from "preact-iso/router";
import { Frame } from "./components/frame.tsx";
import { NotFound } from "./components/not_found.tsx";
import { listen } from "./live/stream.ts";
import { ROUTES } from "./routes.ts";

const PAGES = ROUTES.map(({ path, load }) => ({ path, component: lazy(load) }));

function App() {
  return (
    <LocationProvider>
      <Frame>
        <Router>
          {PAGES.map(({ path, component }) => <Route key={path} path={path} component={component} />)}
          <Route default component={NotFound} />
        </Router>
      </Frame>
    </LocationProvider>
  );
}

listen();
render(<App />, document.getElementById("app")!);
