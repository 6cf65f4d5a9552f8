// The page itself comes from the backend, so that page and API are always of one version.
(function () {
  "use strict";

  var REASONS = {
    401: "Your session in DSS has ended. Log in again, then reload this page.",
    403: "You may not read the project that this page is in. Ask its administrator.",
    404: "The webapp is not there any more. Go back to its project."
  };
  var STOPPED =
    "The backend of this page does not answer. It may be starting: try again in a minute. " +
    "If it stays so, ask an administrator of this project to start it: open the webapp, Actions, Start backend.";
  var OUTSIDE = "This page works inside DSS only: open it from its project, under Webapps.";

  var root = document.getElementById("gm-live");

  function say(text) {
    var box = document.createElement("div");
    box.className = "gm-not-loaded";
    box.setAttribute("role", "alert");
    var said = document.createElement("p");
    said.textContent = text;
    var again = document.createElement("button");
    again.type = "button";
    again.textContent = "Try again";
    again.addEventListener("click", function () {
      window.location.reload();
    });
    box.append(said, again);
    root.replaceChildren(box);
  }

  function explain() {
    fetch(getWebAppBackendUrl("page.js"), { method: "HEAD", cache: "no-store" }).then(
      function (answer) {
        say(REASONS[answer.status] || STOPPED);
      },
      function () {
        say(STOPPED);
      }
    );
  }

  if (typeof getWebAppBackendUrl !== "function") {
    say(OUTSIDE);
    return;
  }
  var style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = getWebAppBackendUrl("page.css");
  var script = document.createElement("script");
  script.src = getWebAppBackendUrl("page.js");
  script.addEventListener("error", explain);
  document.head.append(style, script);
})();
