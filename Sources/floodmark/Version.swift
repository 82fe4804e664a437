/// The version that `--version` and every report show.
let toolVersion = "0.1.0"
