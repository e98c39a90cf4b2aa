/* Shows a new address or a new pack without anyone touching the machine: it hangs on a wall. */
(function () {
  /** @type {string | undefined} */
  var known;
  function look() {
    var asking = new XMLHttpRequest();
    asking.open("GET", "/-/hop/mang.json");
    asking.onload = function () {
      if (asking.status !== 200) return;
      if (known && known !== asking.responseText) location.reload();
      known = asking.responseText;
    };
    asking.send();
  }
  look();
  setInterval(look, 5000);
})();
