// The API's page: reads the OpenAPI document beside it. Served from here alone.
const root = document.getElementById("api-docs");
window.SwaggerUIBundle({
  url: root.dataset.document,
  domNode: root,
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  syntaxHighlight: false,
});
