---@meta amp
-- Types of everything that scripts of astmanproxy may use, for editors with LuaLS (lua-language-server): name this folder
-- in workspace.library. `man astmanproxy-lua` describes them; the program does not read this file.

---@alias Duration string|number  "500ms", "30s", "5m", "1h", "1d", or seconds
---@alias Headers table<string, string|number|boolean|(string|number|boolean)[]>|(string|table)[]

--- A message: `m.Name` is its first header of that name, in any case, or nil.
---@class Message
---@field kind "event"|"response"|"action"|"other"
---@field call table?  this filter's table for the message's call; nil: it belongs to no call
---@field Event string?
---@field Action string?
---@field ProxyAction string?
---@field Response string?
---@field Server string?
---@field Channel string?
---@field Uniqueid string?
---@field Linkedid string?
---@field [string] string?
local Message = {}
---@param name string
---@return string? value of the first header of that name
function Message:get(name) end
---@param name string
---@return string[] values
function Message:all(name) end
---@param name string
---@param text string
---@return boolean
function Message:is(name, text) end
---@param name string
---@param prefix string
---@return boolean
function Message:starts(name, prefix) end
---@param name string
---@param suffix string
---@return boolean
function Message:ends(name, suffix) end
---@param name string
---@param text string
---@return boolean
function Message:contains(name, text) end
---@return Message copy that may be kept
function Message:copy() end

---@class Session
---@field id integer
---@field user string?
---@field address string  with the port
---@field ip string
---@field input string
---@field output string
---@field autofilter "off"|"on"|"unique"
---@field admin boolean
---@field by_key boolean
---@field token string?  label of the token
---@field encrypted boolean
---@field alive boolean
local Session = {}
---@param headers Headers  begins with Event
function Session:send(headers) end
---@param format string
---@return boolean  is there such a format?
function Session:set_output(format) end
---@param format string
---@return boolean
function Session:set_input(format) end
---@param mode "off"|"on"|"unique"
function Session:set_autofilter(mode) end
---@param on boolean
---@return boolean
function Session:set_resume(on) end
function Session:close() end

---@class Answer
---@field ok boolean
---@field reason string?  why it is not ok
---@field response Message?
---@field count integer  of messages
local Answer = {}
---@param name? string
---@return fun(): Message?
function Answer:events(name) end

---@class Reply
local Reply = {}
---@param headers? Headers
function Reply:ok(headers) end
---@param text string
---@param word? string
function Reply:error(text, word) end
---@param word string
---@param headers? Headers
function Reply:answer(word, headers) end
---@param headers? Headers
function Reply:begin(headers) end
---@param headers Headers  begins with Event
function Reply:item(headers) end
---@param headers Headers  begins with Event
function Reply:finish(headers) end

---@class Server
---@field name string
---@field host string
---@field address string
---@field port integer
---@field user string
---@field events string
---@field up boolean
---@field node string?  in a cluster: who owns it
local Server = {}
---@param request Request
---@return Answer
function Server:action(request) end

--- A session in the list of amp.sessions.
---@class SessionEntry
---@field id integer
---@field user string?
---@field address string
---@field ip string
---@field input string
---@field output string
---@field autofilter "off"|"on"|"unique"
---@field admin boolean
---@field encrypted boolean
---@field authenticated boolean
---@field detached boolean  it has no connection
---@field token string?  label of the token
---@field action_id string?  how the ActionIDs of its answers begin

---@class FormatEntry
---@field name string
---@field input boolean
---@field output boolean

---@class StatEntry
---@field name string
---@field value integer

---@class ScriptEntry
---@field name string
---@field kind "filter"|"proxy action"
---@field user string?
---@field seen integer
---@field entered integer  calls of its functions
---@field passed integer
---@field dropped integer
---@field changed integer
---@field failed integer
---@field observed boolean
---@field quarantined boolean

---@class ProxyActionEntry
---@field name string
---@field summary string
---@field admin boolean

---@class TokenEntry
---@field user string
---@field label string
---@field made integer  seconds since 1970
---@field until integer  seconds since 1970

---@class Set
---@operator len: integer
---@field [string] boolean

--- An action for a server; other fields are its headers.
---@class Request
---@field Action string
---@field server? string
---@field timeout? Duration
---@field [string] any

---@class HttpRequest
---@field url string
---@field method? "GET"|"POST"|"PUT"|"PATCH"|"DELETE"|"HEAD"
---@field headers? table<string, string|number>
---@field body? string
---@field timeout? Duration  at most 60s

---@class HttpAnswer
---@field status integer
---@field headers table<string, string>  names in lower case
---@field body string

---@class User
---@field name string
---@field account string?
---@field admin boolean
---@field read table<string, boolean>
---@field write table<string, boolean>

--- What the file of a filter returns.
---@class Filter
---@field events? string[]|Set
---@field where? table<string, string|string[]|Set>
---@field otherwise? boolean
---@field message? fun(m: Message): boolean?
---@field answers? boolean
---@field action? fun(a: Message, session: Session, by: string?): boolean?, string?
---@field either? boolean
---@field stateful? boolean
---@field save? fun(): table?
---@field restore? fun(kept: table)
---@field per? "user"|"class"

--- What the file of a proxy action returns.
---@class ProxyAction
---@field name string
---@field summary? string
---@field run fun(a: Message, reply: Reply, session: Session)
---@field admin? boolean
---@field class? string
---@field arguments? table<string, "required"|"optional">
---@field timeout? Duration
---@field word? string

--- What a script's own test is given.
---@class Test
local Test = {}
---@param options? table
---@param user? table
---@return any filter
function Test.filter(options, user) end
---@param headers Headers
---@param session? table
---@return Message[] answer
function Test.run(headers, session) end
---@param names string[]
function Test.servers(names) end
---@param answer fun(a: Message, server: string?): table?, string?
function Test.call(answer) end
---@param answer fun(request: table): table?, string?
function Test.http(answer) end

---@class Shared
local Shared = {}
---@param key string
---@return string|number|boolean?
function Shared:get(key) end
---@param key string
---@param value string|number|boolean
---@param life? Duration
---@return boolean?, string?
function Shared:set(key, value, life) end
---@param key string
---@param value string|number|boolean
---@param life? Duration
---@return boolean?, string?
function Shared:add(key, value, life) end
---@param key string
---@param by? number
---@param life? Duration
---@return number?, string?
function Shared:incr(key, by, life) end
---@param key string
function Shared:delete(key) end
---@param prefix? string
---@param most? integer
---@return string[]
function Shared:keys(prefix, most) end

---@class Log
local Log = {}
---@param text any
function Log.error(text) end
---@param text any
function Log.warn(text) end
---@param text any
function Log.info(text) end
---@param text any
function Log.debug(text) end

---@class Json
---@field null lightuserdata
local Json = {}
---@param text string
---@return any value, string? reason
function Json.decode(text) end
---@param value any
---@return string
function Json.encode(value) end
---@generic T: table
---@param list T
---@return T
function Json.array(list) end

---@class Amp
---@field shared Shared
---@field log Log
---@field json Json
---@field worker integer
---@field version string
amp = {}
---@param list string[]
---@return Set
function amp.set(list) end
---@param list string[]
---@return Set  in which upper and lower case are equal
function amp.names(list) end
---@param given table
---@param types table<string, string>  text, number, flag, list, table, duration; ? behind it: optional
---@return table
function amp.options(given, types) end
---@param request Request
---@return Answer
function amp.call(request) end
---@param requests Request[]
---@return Answer[]
function amp.call_all(requests) end
---@param request HttpRequest
---@return HttpAnswer?, string?
function amp.http(request) end
---@param duration Duration
---@return boolean
function amp.sleep(duration) end
---@param period Duration
---@param options { once: boolean }|fun()
---@param run? fun()
function amp.every(period, options, run) end
---@param duration Duration
---@param run fun()
function amp.after(duration, run) end
---@param what "session.opened"|"session.login"|"session.closed"|"server.up"|"server.down"
---@param run fun(who: Session|string)
function amp.on(what, run) end
---@param name string
---@param by? integer
function amp.count(name, by) end
---@return number  seconds since 1970
function amp.time() end
---@param name string
---@return any
function amp.use(name) end
---@param test fun(t: Test)
function amp.test(test) end
---@return Server[]
function amp.servers() end
---@param range? { user: string?, before: integer?, most: integer? }
---@return SessionEntry[]
function amp.sessions(range) end
---@return FormatEntry[]
function amp.formats() end
---@return StatEntry[]
function amp.stats() end
---@return ScriptEntry[]
function amp.scripts() end
---@return ProxyActionEntry[]
function amp.proxy_actions() end
---@return Answer
function amp.reload() end
---@return Answer
function amp.cluster() end
---@param request table
---@return Answer
function amp.control(request) end
---@param server table
---@return Answer
function amp.add_server(server) end
---@param name string
---@return Answer
function amp.drop_server(name) end
---@param id integer
---@return Answer
function amp.close_session(id) end
---@param wish { user: string, label: string, ends: number, actions: string?, only_reads: boolean? }
---@return string?, string?
function amp.create_token(wish) end
---@param user string
---@param label string
---@return Answer
function amp.revoke_token(user, label) end
---@return TokenEntry[]
function amp.revoked_tokens() end
