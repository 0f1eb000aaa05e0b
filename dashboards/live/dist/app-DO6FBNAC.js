document.querySelector("#app").textContent="Netsu";
