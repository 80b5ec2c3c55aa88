-- What scripts may use, for luacheck: luacheck --config lua/.luacheckrc lua examples
std = {
  read_globals = {
    "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget", "rawlen", "select",
    "setmetatable", "tonumber", "tostring", "type", "_VERSION",
    math = { other_fields = true },
    utf8 = { other_fields = true },
    os = { fields = { "time", "date", "clock", "difftime" } },
    table = { fields = { "insert", "remove", "concat", "pack", "unpack", "sort" } },
    string = { fields = { "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack",
      "packsize", "rep", "reverse", "sub", "unpack", "upper" } },
    amp = { fields = { "set", "names", "call", "call_all", "http", "sleep", "reload", "cluster", "control", "add_server", "drop_server", "close_session",
      "create_token", "revoke_token", "revoked_tokens", "servers",
      "sessions", "formats", "stats", "scripts", "proxy_actions", "every", "after", "on", "count", "time", "options", "use",
      "test", "version", "worker", log = { fields = { "error", "warn", "info", "debug" } }, shared = { other_fields = true },
      json = { fields = { "encode", "decode", "array", "null" } } } },
  },
}
max_line_length = 120
exclude_files = { "lua/types" } -- definitions for editors, no script
