-- The action `lua.countersign`: asks Countersign for a verdict, with the query that haproxy.cfg gives.
-- Sets txn.countersign_status, and with it the identity and the credential that was exchanged, or the challenge of a 401.
-- Without an answer nothing is set.
-- The action `lua.hide_session`: takes the session cookie away from what goes on to the service.

local VERIFY = "http://countersign/gateway/verify"
local SOCKET = "abns@countersign"
local COOKIE = "__Host-countersign="
local IDENTITY = { "subject", "actor", "session", "client", "roles", "scope", "email" }

-- What a verdict depends on; the rest of what the client sent is nobody's business there.
local ASKED = {
    "authorization", "dpop", "accept", "content-type",
    "origin", "access-control-request-method", "sec-fetch-site", "sec-fetch-mode",
    "sec-websocket-key",
}

local function first(headers, name)
    local values = headers and headers[name]
    return values and values[0] or ""
end

-- The session cookies of a request, and all others.
local function cookies(headers)
    local sessions, others = {}, {}
    for _, line in pairs(headers["cookie"] or {}) do
        for part in line:gmatch("[^;]+") do
            local pair = part:gsub("^%s+", "")
            table.insert(pair:find(COOKIE, 1, true) == 1 and sessions or others, pair)
        end
    end
    return sessions, others
end

core.register_action("countersign", { "http-req" }, function(txn, query)
    local request = txn.http:req_get_headers()
    local headers = {
        ["x-forwarded-method"] = { txn.sf:method() },
        ["x-forwarded-uri"] = { txn.sf:pathq() },
        ["x-forwarded-host"] = { first(request, "host") },
        ["x-forwarded-proto"] = { txn.sf:ssl_fc() == 1 and "https" or "http" },
        ["x-forwarded-for"] = { txn.sf:src() },
    }
    for _, name in ipairs(ASKED) do
        if request[name] then headers[name] = { request[name][0] } end
    end
    local sessions = cookies(request)
    if #sessions > 0 then headers["cookie"] = { table.concat(sessions, "; ") } end

    local answer = core.httpclient():get({ url = VERIFY .. query, dst = SOCKET, headers = headers })
    txn:set_var("txn.countersign_status", tostring(answer.status or 0))
    if answer.status == 401 then
        txn:set_var("txn.countersign_challenge", first(answer.headers, "www-authenticate"))
    elseif answer.status == 200 then
        for _, name in ipairs(IDENTITY) do
            txn:set_var("txn.countersign_" .. name, first(answer.headers, "x-auth-" .. name))
        end
        local exchanged = first(answer.headers, "authorization")
        if exchanged ~= "" then txn:set_var("txn.countersign_traded", exchanged) end
    end
end, 1)

core.register_action("hide_session", { "http-req" }, function(txn)
    local sessions, others = cookies(txn.http:req_get_headers())
    if #sessions == 0 then return end
    txn.http:req_del_header("cookie")
    if #others > 0 then txn.http:req_add_header("cookie", table.concat(others, "; ")) end
end)
